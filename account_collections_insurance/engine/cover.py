"""What of each open item is covered: the oldest debt fills a buyer's limit first.

A debt has the limit of its own delivery: a cut leaves what was delivered before as it was. Older
debts have filled a part of it, so that an item is covered by what they leave, if anything. What is
contested fills the limit like any debt and is not covered; what was delivered outside the policy,
or while an older debt was past its extension period, fills nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal

from . import clocks
from .allocation import BILLED, ORDERED, Item, net_credits
from .limits import limit_on
from .terms import ZERO, Terms, terms_on

CENT = Decimal("0.01")

COVERED = "covered"
UNDER_COVERED = "under_covered"
UNCOVERED = "uncovered"
BLIND = "blind"
SUSPENDED = "suspended"

#: Why less than all of an item is covered.
NO_POLICY = "no_policy"
TERM_EXCEEDED = "term_exceeded"
INVOICED_LATE = "invoiced_late"
STOPPED = "stopped"
NO_LIMIT = "no_limit"
LIMIT_USED = "limit_used"
CONTESTED = "disputed"


@dataclass(frozen=True, slots=True)
class Buyer:
    """A legal entity as one policy knows it.

    :ivar versions: :class:`~.terms.Terms` of the policy
    :ivar decisions: :class:`~.limits.Decision` on it, none for an unknown buyer
    :ivar currency: the policy's; ``rate`` is its units for one of the company's currency
    :ivar grade: 0 to 100, None when it is not known
    :ivar customers: whose debts this policy has to do with, None for all there are
    :ivar counts_orders: what is ordered and not delivered yet fills its limit too
    """

    key: object
    versions: tuple = ()
    decisions: tuple = ()
    currency: object = None
    rate: Decimal = Decimal(1)
    grade: Decimal | None = None
    customers: frozenset | None = None
    counts_orders: bool = False

    def concerns(self, item):
        if item.stage == ORDERED and not self.counts_orders:
            return False
        return self.customers is None or item.customer in self.customers

    def limit_on(self, day):
        """Return the limit for what is delivered on ``day``, as that day knows it."""
        terms = terms_on(self.versions, day)
        if terms is None:
            return ZERO
        limit = limit_on(self.decisions, day, day)
        return self.discretionary(terms) if limit is None else limit

    def limit_for(self, item, terms, today):
        """Return (limit for an item, whether it is the discretionary one)."""
        # What a policy took over was delivered before its decisions could take effect.
        day = max(item.delivered, terms.start)
        limit = limit_on(self.decisions, day, today)
        if terms.reaches_back and today > day:
            later = limit_on(self.decisions, today, today)
            limit = later if limit is None else max(limit, later)
        if limit is not None:
            return limit, False
        return self.discretionary(terms), True

    def discretionary(self, terms):
        """Return the limit that the policy grants to a buyer nobody decided on."""
        wanted = terms.discretionary_grade
        if wanted is not None and (self.grade is None or self.grade < wanted):
            return ZERO
        return terms.discretionary

    def in_currency(self, item, amount):
        """Return a part of an item in the policy's currency, by the item's own amounts if it
        is in that currency, else by the rate."""
        if item.amount_currency is not None and item.currency == self.currency:
            return item.amount_currency * amount / item.amount
        return amount * self.rate


@dataclass(slots=True)
class Cover:
    """What of one item is covered, company currency.

    :ivar exposure: open amount that credits leave
    :ivar insurable: the part of it that can be covered: no tax where the policy leaves it out
    :ivar covered: by limits; ``blind`` is the part of it by discretionary ones
    :ivar indemnity: insured percentage of that, before any deductible
    :ivar reason: why it is not all covered
    :ivar buyer: key of the :class:`Buyer` whose policy covers it, or would
    :ivar terms: that it falls under, None outside of every policy
    """

    item: Item
    exposure: Decimal
    insurable: Decimal = ZERO
    covered: Decimal = ZERO
    blind: Decimal = ZERO
    disputed: Decimal = ZERO
    indemnity: Decimal = ZERO
    reason: str | None = NO_POLICY
    buyer: object = None
    terms: Terms | None = None

    @property
    def uncovered(self):
        return self.exposure - self.covered

    @property
    def state(self):
        if not self.covered:
            return SUSPENDED if self.reason in (STOPPED, CONTESTED) else UNCOVERED
        if self.covered < self.insurable:
            return UNDER_COVERED
        return BLIND if self.blind else COVERED


@dataclass(slots=True)
class _Silo:
    """A limit that is filled by debts, the oldest first."""

    buyer: Buyer
    today: date
    stop: date | None
    used: Decimal = ZERO
    limits: dict = field(default_factory=dict)

    def fill(self, item, cover):
        """Add to ``cover`` what this policy covers of an item."""
        terms = terms_on(self.buyer.versions, item.delivered)
        if terms and not cover.terms:
            cover.terms, cover.buyer = terms, self.buyer.key
        if reason := self._excluded(item, terms):
            self._explain(cover, reason)
            return
        base = _insurable(item, terms)
        cover.insurable = max(cover.insurable, cover.covered + base)
        limit, is_blind = self._limit(item, terms)
        wanted = self.buyer.in_currency(item, base)
        taken = max(min(wanted, limit - self.used), ZERO)
        self.used += taken
        free = base - min(item.disputed, base)
        if covered := min(free, _share(base, taken, wanted)):
            self._add(cover, covered, terms, is_blind)
        self._explain(cover, self._left(taken < wanted, limit, free < base))

    @staticmethod
    def _explain(cover, reason):
        """The first policy that leaves some of an item uncovered says why; full cover ends that.

        What one policy cannot insure, such as tax, the next one may.
        """
        is_full = cover.covered >= cover.insurable
        if reason is None:
            cover.reason = None if is_full else cover.reason
        elif cover.reason == NO_POLICY or cover.reason is None and not is_full:
            cover.reason = reason

    def _add(self, cover, covered, terms, is_blind):
        if not cover.covered:
            cover.terms, cover.buyer = terms, self.buyer.key
        cover.covered += covered
        cover.blind += covered if is_blind else ZERO
        cover.indemnity += covered * (terms.blind_percent if is_blind else terms.percent) / 100

    def _excluded(self, item, terms):
        if terms is None:
            return NO_POLICY
        if item.stage == BILLED and clocks.exceeds_term(item.delivered, item.due, terms):
            return TERM_EXCEEDED
        if item.invoiced and clocks.invoiced_late(item.delivered, item.invoiced, terms):
            return INVOICED_LATE
        if self.stop is not None and item.delivered > self.stop:
            return STOPPED
        return None

    def _limit(self, item, terms):
        """Many items are delivered on one day: each day is asked once."""
        if item.delivered not in self.limits:
            self.limits[item.delivered] = self.buyer.limit_for(item, terms, self.today)
        return self.limits[item.delivered]

    @staticmethod
    def _left(is_short, limit, is_contested):
        if is_short:
            return LIMIT_USED if limit else NO_LIMIT
        return CONTESTED if is_contested else None


def _insurable(item, terms):
    """Return the part of an item that a policy may cover: not its tax where that is left out."""
    if terms.tax_covered or item.untaxed is None:
        return item.amount
    return item.untaxed.quantize(CENT, ROUND_DOWN)


def _share(base, taken, wanted):
    """Return ``base`` x ``taken`` / ``wanted``, rounded down: a cover never exceeds its limit."""
    if taken == wanted:
        return base
    return (base * taken / wanted).quantize(CENT, ROUND_DOWN)


def stopped_since(debts, versions, today):
    """Return the last day of insured deliveries while a debt is past its extension period.

    None while there is no such debt. A contested debt stops nothing.

    >>> year = Terms(date(2026, 1, 1), date(2026, 12, 31), Decimal(90), extension_days=60)
    >>> debt = Item(1, date(2026, 2, 10), date(2026, 3, 12), Decimal(100))
    >>> stopped_since([debt], [year], date(2026, 5, 11))
    >>> stopped_since([debt], [year], date(2026, 5, 12))
    datetime.date(2026, 5, 11)
    """
    first = None
    for debt in debts:
        # Nobody's extension period is over before the due date is.
        if debt.due >= today or debt.disputed >= debt.amount:
            continue
        terms = terms_on(versions, debt.delivered)
        end = clocks.extension_end(debt.due, terms) if terms else None
        if end and end < today and (first is None or end < first):
            first = end
    return first


def cover(items: Iterable[Item], buyers: Iterable[Buyer], today):
    """Return {key of a debt: its :class:`Cover`}, all items being of one legal entity.

    :param buyers: the entity as each of our policies knows it: what the first leaves, the next
        may cover
    :param today: limits are those that were announced by then

    >>> year = Terms(date(2026, 1, 1), date(2026, 12, 31), Decimal(90))
    >>> from .limits import FULL, Decision
    >>> granted = Decision(FULL, Decimal(50000), date(2026, 1, 1), date(2026, 1, 1))
    >>> days = [date(2026, 2, day) for day in (1, 2, 3)]
    >>> debts = [Item(key, day, day, Decimal(amount)) for key, day, amount in
    ...          zip("ABC", days, (30000, 25000, 20000))]
    >>> found = cover(debts, [Buyer(1, (year,), (granted,))], date(2026, 3, 1))
    >>> [int(one.covered) for one in found.values()]
    [30000, 20000, 0]
    """
    buyers = list(buyers)
    if not any(buyer.counts_orders for buyer in buyers):
        items = [item for item in items if item.stage != ORDERED]
    debts = net_credits(items)
    covers = {debt.key: Cover(debt, debt.amount, disputed=debt.disputed) for debt in debts}
    for number, buyer in enumerate(buyers):
        own = [debt for debt in debts if buyer.concerns(debt)]
        silo = _Silo(buyer, today, stopped_since(own, buyer.versions, today))
        for debt in own:
            one = covers[debt.key]
            rest = debt.amount - one.covered
            if rest > ZERO:
                silo.fill(debt if not number else debt.reduced_to(rest), one)
    return covers


def state_of(covers, is_stopped):
    """Return the state of a buyer as a whole.

    :param covers: of all its items
    :param is_stopped: new deliveries are uninsured at present
    """
    covers = list(covers)
    if is_stopped:
        return SUSPENDED
    if not any(one.covered for one in covers):
        return UNCOVERED
    if any(one.covered < one.insurable for one in covers):
        return UNDER_COVERED
    return BLIND if any(one.blind for one in covers) else COVERED
