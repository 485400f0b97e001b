"""The examples in the engine's docstrings are true."""

import doctest

import pytest
from engine_cases import MODULES
from insurance_cases import MODULES as INSURANCE

EVERYTHING = [*MODULES.values(), *INSURANCE.values()]


@pytest.mark.parametrize("module", EVERYTHING, ids=lambda module: module.__name__)
def test_examples(module):
    assert doctest.testmod(module).failed == 0


def test_nothing_of_odoo_is_imported():
    for module in EVERYTHING:
        assert "odoo" not in vars(module)
