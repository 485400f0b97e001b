"""One score from 0 to 100 and one letter for how safely a customer pays, term by term.

Each term values what is known from 0 (worst) to 1 (best) and has a weight. What is not known has
no say: the others share its weight. So the points of the terms add up to the score, and each shows
what it gives of what it could give. The score advises, it decides nothing.
"""

from dataclasses import dataclass

#: Weights of the terms; a company may choose others.
WEIGHTS = {
    "punctuality": 35,
    "trend": 10,
    "overdue": 20,
    "promises": 10,
    "disputes": 5,
    "trust": 10,
    "grade": 10,
}

#: Letters and the least score of each.
LETTERS = (("A", 80), ("B", 65), ("C", 50), ("D", 30), ("E", 0))

#: Days late by amount, and days by which somebody has become slower, that are worth nothing.
WORST_LATE = 60
WORST_TREND = 30

#: Days after which what is overdue is worth nothing.
WORST_OVERDUE = 90

#: What Odoo's own degree of trust is worth.
TRUST = {"good": 1.0, "bad": 0.0}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a customer; None is unknown.

    :ivar late: days late by amount of what was paid
    :ivar paid: amount that was paid
    :ivar trend: days by which it has become slower
    :ivar exposure: what is open
    :ivar overdue: what of it is overdue
    :ivar days_overdue: age of the oldest overdue item
    :ivar kept: share of promises kept
    :ivar contested: disputes per document paid
    :ivar trust: Odoo's own word, ``good``, ``normal`` or ``bad``
    :ivar grade: an insurer's or agency's grade, from 0 (worst) to 1
    """

    late: float | None = None
    paid: float = 0.0
    trend: float | None = None
    exposure: float = 0.0
    overdue: float = 0.0
    days_overdue: int = 0
    kept: float | None = None
    contested: float | None = None
    trust: str | None = None
    grade: float | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """What a term gives of what it could give, and the money behind it."""

    code: str
    points: float
    most: float
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class Score:
    score: int | None
    letter: str | None
    terms: tuple[Term, ...]


def rate(known, weights=WEIGHTS):
    """Return the :class:`Score`; none of a customer of whom nothing is known.

    >>> found = rate(Known(late=0.0, paid=1000.0, trend=0.0))
    >>> found.score, found.letter
    (100, 'A')
    >>> found = rate(Known(late=60.0, paid=1000.0, exposure=500.0, overdue=500.0, days_overdue=45))
    >>> found.score, found.letter
    (9, 'E')
    >>> [(term.code, round(term.points), round(term.most)) for term in found.terms]
    [('punctuality', 0, 64), ('overdue', 9, 36)]
    """
    values = _values(known)
    total = sum(weights.get(code, 0) for code in values)
    if total <= 0:
        return Score(None, None, ())
    terms = tuple(
        Term(
            code,
            100 * weights[code] * min(max(value, 0.0), 1.0) / total,
            100 * weights[code] / total,
            amount,
        )
        for code, (value, amount) in values.items()
        if weights.get(code, 0) > 0
    )
    score = round(sum(term.points for term in terms))
    return Score(score, letter(score), terms)


def letter(score):
    """Return the letter of a score.

    >>> [letter(score) for score in (100, 80, 79, 50, 0)]
    ['A', 'A', 'B', 'C', 'E']
    """
    return next(name for name, least in LETTERS if score >= least)


def _values(known):
    """Return {term: (value from 0 to 1, the money behind it)} of what is known."""
    values = {}
    if known.late is not None:
        values["punctuality"] = (1 - known.late / WORST_LATE, known.paid)
    if known.trend is not None:
        values["trend"] = (1 - known.trend / WORST_TREND, known.paid)
    if known.exposure > 0:
        share = min(known.overdue / known.exposure, 1)
        age = min(known.days_overdue / WORST_OVERDUE, 1)
        values["overdue"] = (1 - share * (1 + age) / 2, known.overdue)
    if known.kept is not None:
        values["promises"] = (known.kept, 0.0)
    if known.contested is not None:
        values["disputes"] = (1 - 2 * known.contested, 0.0)
    # A customer of whom nothing is known but that nobody distrusts has no score yet.
    if known.trust in TRUST:
        values["trust"] = (TRUST[known.trust], 0.0)
    if known.grade is not None:
        values["grade"] = (known.grade, 0.0)
    return values
