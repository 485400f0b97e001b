from . import (
    test_account_page,
    test_contest,
    test_customer_message,
    test_forms,
    test_plan_online,
    test_portal_tours,
    test_promise_online,
)
