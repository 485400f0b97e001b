from . import test_down_payment
