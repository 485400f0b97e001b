"""How the add-ons' tests are divided among the processes that run them."""

from collections import Counter

from lib import addon_tests


def make(cases):
    return [
        addon_tests.OdooTest("addon", "test_some", f"Test{case}", f"test_{number}")
        for case, size in enumerate(cases)
        for number in range(size)
    ]


def test_each_test_is_in_one_portion_with_its_class():
    tests = make([17, 3, 1, 40, 8, 8, 5, 2, 9, 7] * 3)
    portions = addon_tests.portions(tests, 2)
    assert Counter(test for portion in portions for test in portion) == Counter(tests)
    homes = {}
    for number, portion in enumerate(portions):
        for test in portion:
            homes.setdefault(test.log_case, set()).add(number)
    assert all(len(numbers) == 1 for numbers in homes.values())


def test_large_ones_come_first_and_are_alike():
    first, second, *small = map(len, addon_tests.portions(make([5] * 80), 2))
    assert first == second == 150
    assert small == [25] * 4


def test_of_few_no_portion_is_empty_and_of_none_there_is_one():
    assert addon_tests.portions(make([3]), 2) == [make([3])]
    assert addon_tests.portions([], 2) == [[]]
