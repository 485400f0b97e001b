"""Money that arrived and is not allocated: whose is it probably, and for what?

How certain a match is, the most certain first: the transfer names a document
(``reference``); it comes from a known customer (``customer``); it is the very amount of
somebody's debt (``amount``). The most certain kind that finds anything wins.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from .facts import ZERO

REFERENCE = "reference"
CUSTOMER = "customer"
AMOUNT = "amount"

#: The most certain first.
CERTAINTIES = (REFERENCE, CUSTOMER, AMOUNT)

#: What is left out when references are compared; the database leaves out the same.
PUNCTUATION = " /-._:#+*()[]\\"

#: Neighbouring words that may make up one reference, and the words that are looked at.
MAX_WORDS = 7
MAX_TEXT_WORDS = 60

#: A shorter reference, or one with fewer digits, would be found by chance.
MIN_LENGTH = 5
MIN_DIGITS = 3

#: Items of a customer among which any two or three are tried together.
MAX_COMBINED = 25

#: An amount that as many customers owe says nothing about any of them.
MAX_SHARED = 3

#: What is left of a division between currencies.
CENT = Decimal("0.01")

BREAKS = re.compile(r"[\s,;|<>\"'=]+")
STRIP = str.maketrans("", "", PUNCTUATION)


def normalise(text):
    """Return a reference as it is compared: upper case, without punctuation.

    >>> normalise("inv/2026/00012")
    'INV202600012'
    """
    return (text or "").upper().translate(STRIP)


def is_telling(reference):
    """Return whether a normalised reference is long enough to be no accident."""
    digits = sum(character.isdigit() for character in reference)
    return len(reference) >= MIN_LENGTH and digits >= MIN_DIGITS


def tokens(text):
    """Return all that ``text`` may name: its words, and neighbours taken together.

    >>> sorted(tokens("Rg. INV 2026/00012"))
    ['202600012', 'INV202600012', 'RGINV202600012']
    """
    words = [normalise(word) for word in BREAKS.split(text or "")[:MAX_TEXT_WORDS]]
    words = [word for word in words if word]
    return {
        token
        for first in range(len(words))
        for last in range(first + 1, min(first + MAX_WORDS, len(words)) + 1)
        if is_telling(token := "".join(words[first:last]))
    }


@dataclass(frozen=True, slots=True)
class Money:
    """What arrived.

    :ivar amount: in its own currency
    :ivar company_amount: the same in company currency
    :ivar customers: keys of the cases it may come from; empty where nobody is known
    :ivar day: day it arrived
    """

    key: object
    amount: Decimal
    currency: int
    company_amount: Decimal
    text: str = ""
    customers: frozenset = frozenset()
    day: object = None


class Debts:
    """Open items of some customers, found by reference, by customer or by amount.

    :param customers: {customer key: its open items, credits included}
    :param references: {item key: its normalised references}
    """

    def __init__(self, customers, references, today):
        self.customers = customers
        self.today = today
        self._by_reference = defaultdict(list)
        self._by_amount = None
        for customer, items in customers.items():
            for item in items:
                for reference in references.get(item.key, ()) if item.amount > ZERO else ():
                    self._by_reference[reference].append((customer, item))

    def find(self, money, least=AMOUNT):
        """Return (certainty, [(customer, item, amount)]) that ``money`` probably settles.

        :param least: the least certain kind of match that is wanted
        :return: amounts in company currency; (None, []) when nothing matches
        """
        for certainty in CERTAINTIES[: CERTAINTIES.index(least) + 1]:
            found = getattr(self, f"_find_by_{certainty}")(money)
            if found:
                return certainty, found
        return None, []

    def find_exact(self, money):
        """Return [(customer, item, amount)] of debts that add up to ``money`` of a customer."""
        found = []
        for customer in sorted(money.customers):
            items = [item for item in self.customers.get(customer, ()) if item.amount > ZERO]
            exact = _exact(money, items, self.today)
            found += _spread(money, [(customer, item) for item in exact])
        return found

    def _find_by_reference(self, money):
        named = {}
        for token in tokens(money.text):
            for customer, item in self._by_reference.get(token, ()):
                named[item.key] = (customer, item)
        return _spread(money, named.values())

    def _find_by_customer(self, money):
        found = []
        for customer in sorted(money.customers):
            items = self.customers.get(customer, ())
            exact = _exact(money, items, self.today)
            debts = exact or [item for item in items if item.amount > ZERO]
            found += _spread(money, [(customer, item) for item in debts])
        return found

    def _find_by_amount(self, money):
        """Only for money of unknown origin: that of a customer was for them, or for nobody."""
        if money.customers:
            return []
        candidates = self._index_amounts().get(_of(money), set())
        found = []
        for customer in sorted(candidates):
            items = _exact(money, self.customers[customer], self.today, combined=False)
            found += _spread(money, [(customer, item) for item in items])
        return found if len(candidates) <= MAX_SHARED else []

    def _index_amounts(self):
        """Return {(currency, amount): customers} of single debts and of totals."""
        if self._by_amount is None:
            self._by_amount = defaultdict(set)
            for customer, items in self.customers.items():
                for key in _amounts(items, self.today):
                    self._by_amount[key].add(customer)
        return self._by_amount


def _of(money):
    return money.currency, money.amount


def _amounts(items, today):
    """Return the (currency, amount) by which a customer may be known."""
    found = {(item.currency, item.amount_currency) for item in items if item.amount > ZERO}
    for chosen in (items, [item for item in items if item.due < today]):
        currencies = {item.currency for item in chosen}
        if len(currencies) == 1:
            total = sum((item.amount_currency for item in chosen), ZERO)
            if total > ZERO:
                found.add((*currencies, total))
    return found


def _exact(money, items, today, combined=True):
    """Return the debts that add up to ``money``: one, the oldest ones, all, or a few of them."""
    same = [item for item in items if item.currency == money.currency]
    debts = sorted(
        (item for item in same if item.amount > ZERO), key=lambda item: (item.due, item.key)
    )
    for item in debts:
        if item.amount_currency == money.amount:
            return [item]
    total = ZERO
    for number, item in enumerate(debts, start=1):
        total += item.amount_currency
        if total == money.amount:
            return debts[:number]
    for chosen in (same, [item for item in same if item.due < today]):
        if chosen and sum((item.amount_currency for item in chosen), ZERO) == money.amount:
            return [item for item in chosen if item.amount > ZERO]
    return _combined(money, debts) if combined and len(debts) <= MAX_COMBINED else []


def _combined(money, debts):
    for size in (2, 3):
        for chosen in combinations(debts, size):
            if sum(item.amount_currency for item in chosen) == money.amount:
                return list(chosen)
    return []


def _spread(money, named):
    """Return (customer, item, amount) for what ``money`` covers, the oldest debt first.

    Each customer that is named may be the one who paid: the money counts for each of them.
    """
    found = []
    rests = defaultdict(lambda: money.amount)  # of the money, in its own currency
    for customer, item in sorted(named, key=lambda pair: (pair[1].due, pair[1].key)):
        rest = rests[customer]
        if rest <= ZERO:
            continue
        if item.currency == money.currency:
            owed = item.amount_currency
        else:
            owed = item.amount * money.amount / money.company_amount
        covered = min(owed, rest)
        rests[customer] = rest - covered
        part = item.amount if covered == owed else (item.amount * covered / owed).quantize(CENT)
        found.append((customer, item, part))
    return found
