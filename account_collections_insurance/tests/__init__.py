from . import test_limits
