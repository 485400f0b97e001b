from . import test_bad_input, test_daily_run, test_gather, test_merge, test_roles
from . import test_statement
