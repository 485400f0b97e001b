from . import test_limit_cut, test_unbilled, test_uninsured
