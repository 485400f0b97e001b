from . import (
    test_bad_input,
    test_daily_run,
    test_decisions,
    test_gather,
    test_go_live,
    test_holds,
    test_mail,
    test_merge,
    test_roles,
    test_statement,
    test_tasks,
)
