"""Grades of insurers run in different directions: one scale for all of them."""


def normalise(grade, worst, best):
    """Return a grade from 0 (worst) to 100 (best), None when it is not on the scale.

    >>> from decimal import Decimal
    >>> normalise(Decimal(1), Decimal(10), Decimal(1))        # 1 is the best of 10
    Decimal('100')
    >>> normalise(Decimal(7), Decimal(0), Decimal(10))        # 10 is the best
    Decimal('70')
    >>> normalise(Decimal(11), Decimal(0), Decimal(10))
    """
    if worst == best or not min(worst, best) <= grade <= max(worst, best):
        return None
    return (grade - worst) * 100 / (best - worst)
