"""Predictions on a ledger: learn by what was known on a day, compare with what came.

``setup/bench prediction --data FILE [--as-of DATE]``; without a date, eight are spread over the
ledger. It needs no Odoo. Figures are means over the days, weighted by items (errors of cash by
what came), for the engine and, with the name of the method behind, for ``global_mean``,
``customer_mean`` and ``boosted`` (scikit-learn's HistGradientBoosting with the same knowledge).

Of what was open on the day:

``mae``               mean absolute error of the payment date, in days
``mae_late``          the same of days late, where paid early counts as zero
``auc``               late or not, of items not overdue yet
``calibration``       mean distance of the risk told from the share that came, in ten bins
``brier``             mean square error of that risk
``within_p50``, ``within_p80``  share paid until these dates: 0.5 and 0.8 are right
``weekly_error``      of the receipts of the next four weeks, week by week, as a share of what came
``four_weeks_error``  the same of the four weeks together
``reached_p80``, ``reached_p20``  share of weeks whose receipts reach these figures of the band
``weekly_noise``      of the engine: what ``weekly_error`` would be if every probability were true

``new_…`` is the same of invoices issued in the sixty days after it, each predicted on the day it
was issued, still by what was known on the as-of day. ``dates`` has every figure by day.
"""

import importlib.util

from lib.backtest import boosted, methods, samples, scores
from lib.ledger import reading
from lib.progress import SetupError

#: It asks for a file instead of a database.
STANDALONE = True

SHOWN = (
    "mae",
    "mae_customer_mean",
    "mae_boosted",
    "auc",
    "auc_boosted",
    "weekly_error",
    "four_weeks_error",
)
CASH = ("weekly_error", "four_weeks_error", "weekly_noise")


def run(options, report):
    if not options.data:
        raise SetupError("The benchmark of predictions needs a ledger: --data FILE.")
    ledger = reading.read(options.data)
    items = samples.read_items(ledger)
    report(f"{len(items):,} invoices of {len({item.customer for item in items}):,} customers")
    days = [options.as_of] if options.as_of else samples.choose_days(items)
    compared, found = _get_methods(report), []
    for day in days:
        found.append(measure(items, day, compared))
        report(_sentence(found[-1]))
    return {**_pool(found), "ledger": ledger.mapping.name, "dates": found}


def _get_methods(report):
    names = ["engine", "global_mean", "customer_mean"]
    found = {name: getattr(methods, name) for name in names}
    if importlib.util.find_spec("sklearn"):
        return {**found, "boosted": boosted.boosted}
    report("scikit-learn is not installed: there is no learned model to compare with.")
    return found


def measure(items, day, compared):
    """Return the figures of one day by name."""
    known = samples.known_on(items, day)
    there, new = samples.open_on(items, day), samples.new_after(items, day)
    if not any(one.paid for one in known) or not there:
        raise SetupError(f"On {day} nothing had been paid yet, or nothing was open.")
    figures = {"date": str(day), "items": len(there), "new_items": len(new)}
    for name, method in compared.items():
        guess = method(known, day)
        guesses = guess(there)
        values = {**scores.score(there, guesses), **scores.cash(there, guesses)}
        values |= {f"new_{key}": value for key, value in scores.score(new, guess(new)).items()}
        suffix = "" if name == "engine" else f"_{name}"
        figures |= {f"{key}{suffix}": value for key, value in values.items()}
    return figures


def _pool(found):
    """Return the mean of each figure over the days."""
    pooled = {
        "days": len(found),
        "items": sum(one["items"] for one in found),
        "new_items": sum(one["new_items"] for one in found),
    }
    names = dict.fromkeys(name for one in found for name in one)
    left_out = {*pooled, "date", *(name for name in names if name.startswith("received"))}
    for name in [name for name in names if name not in left_out]:
        rows = [(one[name], one[_weight(name)]) for one in found if one.get(name) is not None]
        total = sum(count for _value, count in rows)
        pooled[name] = sum(value * count for value, count in rows) / total if total else None
    return pooled


def _weight(name):
    """Return the figure that a figure is weighted by."""
    if name.startswith(CASH):
        return "received"
    return "new_items" if name.startswith("new_") else "items"


def _sentence(figures):
    shown = [
        f"{name} {figures[name]:.3f}" for name in SHOWN if figures.get(name) is not None
    ]
    return f"{figures['date']}  {figures['items']} open: {', '.join(shown)}"
