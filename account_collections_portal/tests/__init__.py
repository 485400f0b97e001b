from . import (
    test_accessibility,
    test_account_access,
    test_account_content,
    test_account_mail,
    test_account_page,
    test_portal_probe,
)
