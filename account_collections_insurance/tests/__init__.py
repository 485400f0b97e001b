from . import (
    test_alerts,
    test_cover,
    test_feeds,
    test_filing,
    test_import,
    test_limits,
    test_requests,
    test_sending,
    test_tours,
)
