from . import test_held_deliveries
