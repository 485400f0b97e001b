from . import test_daily_run, test_gather
from . import test_statement
