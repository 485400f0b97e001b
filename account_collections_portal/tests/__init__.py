from . import test_account_page
