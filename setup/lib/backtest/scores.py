"""What came of predictions."""

import math
from datetime import timedelta

from .methods import ENGINE, WEEKS

BINS = 10


def score(samples, guesses):
    """Return the figures of one day by name; an item that was never paid has no date to miss."""
    pairs = [(one, guess) for one, guess in zip(samples, guesses) if one.item.paid]
    undecided = [(one, guess) for one, guess in pairs if one.item.due >= one.day]
    figures = {
        "mae": _mean(abs((guess.paid - one.item.paid).days) for one, guess in pairs),
        "mae_late": _mean(
            abs(max((guess.paid - one.item.due).days, 0) - max(one.days_late, 0))
            for one, guess in pairs
        ),
        "auc": auc([(guess.score, one.days_late > 0) for one, guess in undecided]),
    }
    risks = [(guess.risk, one.days_late > 0) for one, guess in undecided if guess.risk is not None]
    if risks:
        figures["calibration"] = calibration(risks)
        figures["brier"] = _mean((risk - late) ** 2 for risk, late in risks)
    if pairs and pairs[0][1].p80:
        figures["within_p50"] = _mean(one.item.paid <= guess.paid for one, guess in pairs)
        figures["within_p80"] = _mean(one.item.paid <= guess.p80 for one, guess in pairs)
    return figures


def cash(samples, guesses):
    """Return errors of the receipts of the next weeks, as shares of what came.

    ``weekly_noise`` is what the error of a week would be if every probability were true: invoices
    are few, and each is paid in one week or another.
    """
    expected, actual, variance = [0.0] * WEEKS, [0.0] * WEEKS, [0.0] * WEEKS
    chances = [[] for _week in range(WEEKS)]
    for one, guess in zip(samples, guesses):
        for week, chance in enumerate(guess.weeks):
            expected[week] += one.item.amount * chance
            chances[week].append((one.item.amount, chance))
            variance[week] += one.item.amount**2 * chance * (1 - chance)
        if one.item.paid:
            week = (one.item.paid - one.day - timedelta(days=1)).days // 7
            if week < WEEKS:
                actual[week] += one.item.amount
    total = sum(actual)
    if not total:
        return {}
    noise = sum(math.sqrt(2 / math.pi * max(week, 0)) for week in variance)
    bands = [ENGINE["forecast"].band(week) for week in chances]
    return {
        "received": total,
        "weekly_error": sum(abs(a - e) for a, e in zip(actual, expected)) / total,
        "four_weeks_error": abs(sum(expected) - total) / total,
        "weekly_noise": noise / total,
        "reached_p80": _mean(came >= band.p80 for came, band in zip(actual, bands)),
        "reached_p20": _mean(came >= band.p20 for came, band in zip(actual, bands)),
    }


def auc(scored):
    """Return the probability that a late item scores above one that is not, None without both.

    >>> auc([(0.9, True), (0.1, False), (0.5, True), (0.5, False)])
    0.875
    """
    ordered = sorted(scored, key=lambda pair: pair[0])
    late = sum(is_late for _score, is_late in ordered)
    if not 0 < late < len(ordered):
        return None
    ranks, start = 0.0, 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end][0] == ordered[start][0]:
            end += 1
        rank = (start + 1 + end) / 2
        ranks += rank * sum(is_late for _score, is_late in ordered[start:end])
        start = end
    return (ranks - late * (late + 1) / 2) / (late * (len(ordered) - late))


def calibration(risks):
    """Return the mean distance of risks told from shares that came, over ten equal bins.

    >>> calibration([(0.25, True), (0.25, False)])
    0.25
    """
    bins = [[] for _bin in range(BINS)]
    for risk, late in risks:
        bins[min(int(risk * BINS), BINS - 1)].append((risk, late))
    return sum(
        abs(sum(risk for risk, _late in rows) - sum(late for _risk, late in rows)) for rows in bins
    ) / len(risks)


def _mean(values):
    values = list(values)
    return sum(values) / len(values) if values else None
