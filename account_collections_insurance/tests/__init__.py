from . import test_cover, test_filing, test_import, test_limits
