from . import test_archive, test_held_deliveries
