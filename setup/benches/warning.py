"""Early warnings on a ledger: slow-downs found, and false alarms.

``setup/bench warning --data FILE [--as-of DATE]``: each month from the day on (by default from a
third of the ledger), every customer with enough history is looked at as it was known then.

A ledger does not say who truly slowed down. So delays are dealt out anew to the payments of each
customer, by chance: there is no change left, and every alarm is false. Then all that is paid from a
day on comes ``SLOWER`` days later: that is a slow-down, and it is found if there is an alarm within
``WITHIN``, where the customer paid often enough to be seen at all.

``watched``          customers looked at each month, on the average
``false_per_100``    false alarms per 100 customers a month
``found``            share of slow-downs found
``slowdowns``        number of them
``alarms_per_100``   alarms on the ledger as it is, per 100 customers a month

What is open by customer and week is looked at in the same way: dealt out anew, and from a week on
``HIGHER`` times as much.

``jump_false_per_100``, ``jump_found``, ``jump_alarms_per_100``  the same of open amounts
"""

import random
from collections import defaultdict
from datetime import timedelta

from lib.backtest import methods, samples
from lib.ledger import reading
from lib.progress import SetupError

#: It asks for a file instead of a database.
STANDALONE = True

SLOWER = 10
WITHIN = timedelta(days=100)
MONTH = timedelta(days=30)
DEALS = 3

#: Weeks that are kept of what was open, and in which a jump is no news again.
KEPT_WEEKS, NEWS_WEEKS = 17, 4
HIGHER = 3.0
LEAST_SHARE = 0.02
WEEK = timedelta(days=7)

WARNING = methods.ENGINE["warning"]
LIMITS = WARNING.Limits()


def run(options, report):
    if not options.data:
        raise SetupError("The benchmark of early warnings needs a ledger: --data FILE.")
    items = samples.read_items(reading.read(options.data))
    days = _get_days(items, options.as_of)
    payments = defaultdict(list)
    for item in items:
        if item.paid:
            payments[item.customer].append((item.paid, (item.paid - item.due).days))
    report(f"{len(payments):,} customers, {len(days)} months")
    figures = measure(payments, days, random.Random(0))
    figures |= measure_jumps(get_open_by_week(items), random.Random(0))
    return {"months": len(days), **figures}


def _get_days(items, first):
    issued = sorted(item.issued for item in items)
    day = first or issued[int(len(issued) * samples.FIRST_SHARE)]
    days = []
    while day <= issued[-1]:
        days.append(day)
        day += MONTH
    if len(days) < 4:
        raise SetupError("The ledger is too short to see customers change in it.")
    return days


def measure(payments, days, chance):
    watched = real = dealt = false = slowed = found = 0
    for _customer, rows in sorted(payments.items()):
        looks, alarms = _watch(rows, days)
        watched += looks
        real += len(alarms)
        late = [days_late for _day, days_late in rows]
        for _deal in range(DEALS):
            chance.shuffle(late)
            even = [(day, days_late) for (day, _own), days_late in zip(rows, late)]
            looks, alarms = _watch(even, days)
            dealt += looks
            false += len(alarms)
            begin = chance.choice(days[:-3])
            if _can_be_seen(even, begin):
                slowed += 1
                found += _is_found(even, begin, days)
    return {
        "watched": watched / len(days),
        "false_per_100": 100 * false / dealt if dealt else None,
        "found": found / slowed if slowed else None,
        "slowdowns": slowed,
        "alarms_per_100": 100 * real / watched if watched else None,
    }


def _watch(rows, days):
    """Return (looks at the customer, days of new alarms)."""
    looks, alarms, before = 0, [], False
    for day in days:
        known = [row for row in rows if row[0] <= day]
        if _count(known, day - timedelta(days=LIMITS.days)) >= LIMITS.known:
            looks += 1
            alarm = WARNING.slowdown(known, [], day, LIMITS) is not None
            if alarm and not before:
                alarms.append(day)
            before = alarm
    return looks, alarms


def _count(rows, until):
    """Return the days of payments until a day."""
    return len({day for day, _late in rows if day <= until})


def _can_be_seen(rows, begin):
    after = {day for day, _late in rows if begin < day <= begin + timedelta(days=LIMITS.days)}
    return _count(rows, begin) >= LIMITS.known and len(after) >= LIMITS.least


def _is_found(rows, begin, days):
    slower = [(day, late + SLOWER * (day > begin)) for day, late in rows]
    return any(
        WARNING.slowdown([row for row in slower if row[0] <= day], [], day, LIMITS)
        for day in days
        if begin < day <= begin + WITHIN
    )


# === OPEN AMOUNTS === #


def get_open_by_week(items):
    """Return {customer: [what was open at the end of each week]}."""
    first = min(item.issued for item in items)
    count = (max(item.issued for item in items) - first).days // 7 + 1
    found = defaultdict(lambda: [0.0] * count)
    for item in items:
        weeks = found[item.customer]
        for week in range((item.issued - first).days // 7, count):
            if item.paid and item.paid <= first + week * WEEK:
                break
            weeks[week] += item.amount * (item.issued <= first + week * WEEK)
    return found


def measure_jumps(series, chance):
    least = _get_least(series)
    looks = real = dealt = false = jumped = found = 0
    for _customer, weeks in sorted(series.items()):
        there, alarms = _watch_open(weeks, least)
        looks += there
        real += len(alarms)
        for _deal in range(DEALS):
            even = [amount for amount in weeks if amount]
            chance.shuffle(even)
            there, alarms = _watch_open(even, least)
            dealt += there
            false += len(alarms)
            if len(even) > 2 * WARNING.JumpLimits().known:
                begin = chance.randrange(len(even) // 2, len(even) - 1)
                if even[begin] * HIGHER > least[begin]:
                    jumped += 1
                    found += _is_jump_found(even, begin, least)
    months = 30 / 7
    return {
        "jump_false_per_100": 100 * months * false / dealt if dealt else None,
        "jump_found": found / jumped if jumped else None,
        "jump_alarms_per_100": 100 * months * real / looks if looks else None,
    }


def _get_least(series):
    return [LEAST_SHARE * sum(amounts) for amounts in zip(*series.values())]


def _watch_open(weeks, least):
    """Return (weeks looked at, weeks of new alarms)."""
    looks, alarms = 0, []
    for week, now in enumerate(weeks):
        before = [one for one in weeks[max(week - KEPT_WEEKS, 0) : week] if one]
        if len(before) >= WARNING.JumpLimits().known and now:
            looks += 1
            is_news = not alarms or week - alarms[-1] > NEWS_WEEKS
            if is_news and WARNING.jump(before, now, least[week]):
                alarms.append(week)
    return looks, alarms


def _is_jump_found(weeks, begin, least):
    higher = [amount * (HIGHER if week >= begin else 1) for week, amount in enumerate(weeks)]
    return any(begin <= week < begin + NEWS_WEEKS for week in _watch_open(higher, least)[1])
