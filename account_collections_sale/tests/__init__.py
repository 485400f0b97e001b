from . import (
    test_credit_rules,
    test_down_payment,
    test_held_orders,
    test_paid_online,
    test_standing,
)
