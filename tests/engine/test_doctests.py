"""The examples in the engine's docstrings are true."""

import doctest

import pytest
from engine_cases import MODULES


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(MODULES[name]).failed == 0


def test_nothing_of_odoo_is_imported():
    for module in MODULES.values():
        assert "odoo" not in vars(module)
