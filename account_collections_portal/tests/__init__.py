from . import (
    test_accessibility,
    test_account_access,
    test_account_content,
    test_account_mail,
    test_account_page,
    test_payment,
    test_payment_input,
    test_payment_money,
    test_portal_probe,
)
