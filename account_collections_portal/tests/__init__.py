from . import (
    test_accessibility,
    test_account_access,
    test_account_content,
    test_account_mail,
    test_account_page,
    test_contest,
    test_customer_message,
    test_forms,
    test_plan_online,
    test_portal_probe,
    test_portal_tours,
    test_promise_online,
)
