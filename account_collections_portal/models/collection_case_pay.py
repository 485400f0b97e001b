from dataclasses import dataclass, field
from hashlib import sha256

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.misc import hash_sign, verify_hash_signed

from .collection_case import Refused

SCOPE = "account_collections_portal.pay"

#: What was chosen is signed for so long; after that the items are chosen again.
HOURS = 4


@dataclass
class Basket:
    """What a customer chose to pay: items of one company in one currency.

    :ivar company: ``res.company`` that is paid
    :ivar currency: of the items and of the payment
    :ivar amounts: {``collection.item``: amount}; negative for the credits that are netted
    :ivar payable: {``collection.item``: what may be paid of it}
    """

    company: models.BaseModel
    currency: models.BaseModel
    amounts: dict = field(default_factory=dict)
    payable: dict = field(default_factory=dict)

    @property
    def total(self):
        return self.currency.round(sum(self.amounts.values()))

    @property
    def credits(self):
        return self.currency.round(sum(one for one in self.amounts.values() if one < 0))


class CollectionCase(models.Model):
    """What a customer may pay of an account, and what was chosen."""

    _inherit = "collection.case"

    # === WHAT MAY BE PAID === #

    def _get_payable(self, items):
        """Return {item: amount} of what may be paid, in its currency; negative for credits.

        What is open less what payments under way pay already; items with nothing left are not
        there.
        """
        reserved = self.env["collection.payment.part"]._get_reserved(self, items.line_id)
        payable = {}
        for item in items:
            amount = item.currency_id.round(
                item.amount_currency - reserved.get(item.line_id.id, 0.0)
            )
            if amount * item.amount_currency > 0:
                payable[item] = amount
        return payable

    def _is_payable_online(self):
        """Return whether this customer pays on the account page."""
        self.ensure_one()
        company, scenario = self.company_id, self.scenario_id
        is_offered = (
            company.collection_portal_pay
            and (not scenario or scenario.collection_offer_pay)
            and not self._get_portal_member()
        )
        return is_offered and bool(
            self.env["payment.provider"].search_count(
                [
                    ("company_id", "in", company._collection_cluster().ids),
                    ("state", "in", ("enabled", "test")),
                    ("is_published", "=", True),
                ],
                limit=1,
            )
        )

    def _may_pay_parts(self):
        """Return whether this customer may pay a part of an item."""
        scenario = self.scenario_id
        return self.company_id.collection_part_payment and (
            not scenario or scenario.collection_offer_parts
        )

    def _get_pay_key(self, company, currency):
        """Return what stands for all that is owed to a company in a currency: what it comes to is
        worked out once it is chosen."""
        return f"{company.id}-{currency.id}"

    # === WHAT WAS CHOSEN === #

    def _take(self, items, parts, is_explicit):
        """Return the basket of items.

        :param dict parts: {item: amount} where a part is to be paid
        :param bool is_explicit: they were chosen one by one
        :raises Refused: in the customer's words, when it cannot be paid
        """
        basket = self._fill_basket(items, parts, is_explicit)
        if not basket or basket.total <= 0:
            raise Refused(
                self.env._("There is nothing to pay: credits or payments under way cover it.")
            )
        return basket

    def _find_everything(self, company_id, currency_id):
        """Return all that is open with a company in a currency.

        :raises Refused: in the customer's words, when that is nothing
        """
        items = self.env["collection.item"].search(
            Domain(self._get_portal_items_domain())
            & Domain("company_id", "=", company_id)
            & Domain("currency_id", "=", currency_id)
        )
        if not items:
            raise self._gone()
        return items

    def _find_chosen(self, ids):
        """Return the items that a visitor chose one by one.

        :param set ids: as they came
        :raises Refused: in the customer's words; what is not theirs, not open or not a number
            gives the same answer
        """
        if not ids:
            raise Refused(self.env._("Choose what you want to pay first."))
        items = self.env["collection.item"].search(
            Domain(self._get_portal_items_domain()) & Domain("id", "in", list(ids))
        )
        if len(items) != len(ids):
            raise self._gone()
        if len(items.currency_id) > 1:
            raise Refused(
                self.env._(
                    "One payment is in one currency: please pay the items of each currency apart."
                )
            )
        if len(items.company_id) > 1:
            raise Refused(
                self.env._("One payment goes to one company: please pay each company apart.")
            )
        return items

    def _gone(self):
        return Refused(self.env._("Something you chose is no longer open. Please choose again."))

    def _fill_basket(self, items, parts, is_explicit):
        """Return the basket of items: in full, but for the parts; credits up to the debts.

        :param dict parts: {item: amount} of items to be paid in part
        :param bool is_explicit: the items were chosen one by one; else what is contested is left
            out
        :raises Refused: when a part may not be paid
        """
        payable = self._get_payable(items)
        if is_explicit and any(item not in payable for item in items):
            raise Refused(
                self.env._("A payment is under way already for something you chose.")
            )
        contested = self._get_contested(items)
        basket = Basket(items.company_id[:1], items.currency_id[:1], payable=payable)
        for item, amount in payable.items():
            rest = item.currency_id.round(amount - contested.get(item.line_id.id, 0.0))
            if item.is_credit:
                continue
            if item in parts:
                basket.amounts[item] = self._check_part(item, parts[item], amount, rest)
            elif is_explicit or rest > 0:
                basket.amounts[item] = amount if is_explicit else min(rest, amount)
        self._net_credits(basket, is_explicit)
        return basket if basket.amounts else None

    def _get_contested(self, items):
        amounts = self.env["collection.dispute"]._get_disputed_amounts(items.line_id)
        return {line: own for line, (own, _amount) in amounts.items()}

    def _check_part(self, item, amount, payable, rest):
        """Return the part of an item, if it may be paid.

        :param float rest: what is not contested may be paid alone, whatever the settings
        """
        currency, company = item.currency_id, self.company_id
        if amount <= 0 or currency.compare_amounts(amount, payable) > 0:
            raise Refused(
                self.env._(
                    "Of %(document)s, %(amount)s at most can be paid.",
                    document=item.move_name,
                    amount=currency.format(payable),
                )
            )
        if not currency.compare_amounts(amount, payable) or not currency.compare_amounts(
            amount, rest
        ):
            return amount
        if not self._may_pay_parts():
            raise Refused(
                self.env._("%(document)s is paid in full only.", document=item.move_name)
            )
        # By the item's own residuals, never by today's rate.
        rate = item.amount_currency / item.amount if item.amount else 1.0
        least = currency.round(company.collection_part_payment_minimum * rate)
        if currency.compare_amounts(amount, least) < 0:
            raise Refused(
                self.env._(
                    "Of %(document)s, %(amount)s at least are paid.",
                    document=item.move_name,
                    amount=currency.format(min(least, payable)),
                )
            )
        return amount

    def _net_credits(self, basket, is_explicit):
        """Deduct the credits of a basket from the debts of the same customer and account.

        Only where all of these are paid in full: what is left open of them could take the credit.
        """
        debts, in_part = {}, set()
        for item, amount in basket.amounts.items():
            key = _ledger_of(item)
            debts[key] = debts.get(key, 0.0) + amount
            if basket.currency.compare_amounts(amount, item.amount_currency):
                in_part.add(key)
        for item, amount in basket.payable.items():
            key = _ledger_of(item)
            if not item.is_credit or not debts.get(key):
                continue
            if key in in_part:
                if is_explicit:
                    raise Refused(
                        self.env._("A credit is deducted where items are paid in full only.")
                    )
                continue
            basket.amounts[item] = basket.currency.round(max(amount, -debts[key]))
            debts[key] = basket.currency.round(debts[key] + basket.amounts[item])

    # === SIGNED === #

    def _sign_basket(self, basket):
        """Return a token that stands for what was chosen, for the payment form to bring back."""
        return hash_sign(
            self.sudo().env,  # the signature needs the database's secret
            SCOPE,
            [self.id, [[item.id, repr(amount)] for item, amount in basket.amounts.items()]],
            expiration_hours=HOURS,
        )

    @api.model
    def _read_basket(self, token):
        """Return (case id, {item id: amount}) of a token; None when it is none of ours."""
        try:
            values = verify_hash_signed(self.sudo().env, SCOPE, token)
        except ValueError:  # it is no token at all
            values = None
        if not values:
            return None
        case, amounts = values
        return case, {item: float(amount) for item, amount in amounts}

    def _check_again(self, amounts):
        """Return the basket of what was signed, if all of it still may be paid.

        :param dict amounts: {item id: amount}
        :raises Refused: when anything has changed since it was chosen
        """
        items = self.env["collection.item"].search(
            Domain(self._get_portal_items_domain()) & Domain("id", "in", list(amounts))
        )
        payable = self._get_payable(items)
        basket = Basket(items.company_id[:1], items.currency_id[:1], payable=payable)
        for item in items:
            amount, limit = amounts[item.id], payable.get(item, 0.0)
            if abs(amount) - abs(limit) > item.currency_id.rounding / 2:
                raise self._gone()
            basket.amounts[item] = amount
        if len(items) != len(amounts):
            raise self._gone()
        return basket

    def _get_basket_key(self, amounts, *how):
        """Return the digest of who pays what and how.

        :param dict amounts: {item id: amount}
        """
        return sha256(repr((self.id, sorted(amounts.items()), how)).encode()).hexdigest()

    def _prepare_payment_parts(self, basket):
        """Return the values of the parts that a transaction pays."""
        return [
            {
                "case_id": self.id,
                "company_id": item.company_id.id,
                "line_id": item.line_id.id,
                "move_name": item.move_name,
                "date_due": item.date_due,
                "currency_id": item.currency_id.id,
                "amount": amount,
            }
            for item, amount in basket.amounts.items()
        ]

    def _get_payment_reference(self, basket):
        """Return what a payment is called: its document, or a name for several of them."""
        debts = [item for item, amount in basket.amounts.items() if amount > 0]
        names = list(dict.fromkeys(item.move_name for item in debts))
        if len(names) == 1:
            return debts[0].move_id.payment_reference or names[0]
        if len(names) <= 3:
            return "-".join(names)
        return basket.company.get_next_batch_payment_communication()

    # === AFTERWARDS === #

    def _get_portal_transaction(self, transaction_id):
        """Return a payment of this account's items; none when it is somebody else's."""
        self.ensure_one()
        return self.env["payment.transaction"].search(
            [("id", "=", transaction_id), ("collection_part_ids.case_id", "=", self.id)]
        )

    def _get_portal_pending(self):
        """Return the payments under way of what is still open, for the customer to look at."""
        open_parts = [("case_id", "=", self.id), ("line_id.reconciled", "=", False)]
        return self.env["payment.transaction"].search(
            [
                ("collection_part_ids", "any", open_parts),
                ("state", "in", ("pending", "authorized")),
            ]
        )


def _ledger_of(item):
    """What nets: the same customer's money on the same account."""
    return item.line_id.account_id, item.line_id.partner_id
