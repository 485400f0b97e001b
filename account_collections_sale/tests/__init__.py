from . import test_down_payment, test_standing
