from . import test_cover, test_import, test_limits
