"""The score: what is known counts, what is not has no say, and the terms explain all of it."""

import pytest
from engine_cases import MODULES
from hypothesis import given
from hypothesis import strategies as st

score = MODULES["score"]
Known = score.Known


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (Known(), (None, None)),
        (Known(trust="normal"), (None, None)),  # nobody said anything
        (Known(trust="bad"), (0, "E")),
        (Known(grade=0.9), (90, "A")),
        (Known(exposure=100), (100, "A")),  # new, and nothing is overdue
        (Known(late=0, trend=0, exposure=100), (100, "A")),
        (Known(late=-20, trend=-5), (100, "A")),  # early is not better than in time
        (Known(late=30, trend=0), (61, "C")),
        (Known(late=30, trend=0, kept=0), (50, "C")),
        (Known(late=1e9, trend=1e9, exposure=1, overdue=9e12, days_overdue=10**6), (0, "E")),
        (Known(exposure=-500, overdue=0), (None, None)),  # we owe them
    ],
)
def test_scores(known, expected):
    found = score.rate(known)
    assert (found.score, found.letter) == expected


def test_a_weight_of_zero_silences_a_term():
    found = score.rate(Known(late=60, trust="good"), {**score.WEIGHTS, "punctuality": 0})
    assert (found.score, [term.code for term in found.terms]) == (100, ["trust"])
    assert score.rate(Known(late=0), {}).score is None


def floats(least, most):
    return st.none() | st.floats(least, most)


KNOWN = st.builds(
    Known,
    late=floats(-60, 200),
    paid=st.floats(0, 1e6),
    trend=floats(-60, 90),
    exposure=st.floats(-1e6, 1e6),
    overdue=st.floats(0, 1e6),
    days_overdue=st.integers(0, 1000),
    kept=floats(0, 1),
    contested=floats(0, 3),
    trust=st.sampled_from([None, "good", "normal", "bad"]),
    grade=floats(0, 1),
)


@given(KNOWN)
def test_the_terms_add_up(known):
    found = score.rate(known)
    if found.score is not None:
        assert 0 <= found.score <= 100
        assert found.score == round(sum(term.points for term in found.terms))
        assert sum(term.most for term in found.terms) == pytest.approx(100)
        assert all(-1e-9 <= term.points <= term.most + 1e-9 for term in found.terms)
