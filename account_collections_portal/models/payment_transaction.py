from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import float_round

#: A second click within so many minutes gives the transaction of the first.
SAME_CLICK_MINUTES = 10


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    collection_part_ids = fields.One2many(
        "collection.payment.part", "transaction_id", string="Chosen Items", readonly=True
    )
    collection_key = fields.Char(
        string="Choice",
        readonly=True,
        copy=False,
        help="Digest of who pays what, and how: two of the same are one click.",
    )

    _collection_key_unique = models.UniqueIndex(
        "(collection_key) WHERE collection_key IS NOT NULL AND state = 'draft'"
    )
    _collection_key_known = models.Index("(collection_key) WHERE collection_key IS NOT NULL")

    # === ONE CLICK === #

    @api.model
    def _find_same_click(self, key):
        """Return the transaction that the same choice made a moment ago, else none.

        What is older keeps its right to be completed, and none to be taken up again.
        """
        since = fields.Datetime.now() - timedelta(minutes=SAME_CLICK_MINUTES)
        known = self.search(
            [
                ("collection_key", "=", key),
                ("state", "in", ("draft", "pending", "authorized", "done")),
            ]
        )
        recent = known.filtered(lambda tx: tx.create_date >= since)
        (known - recent).collection_key = False
        return recent[:1]

    # === PARTS === #

    def _get_collection_parts(self):
        """Return what a payment pays of the account page's items; a capture pays its source's."""
        if self.operation == "refund":
            return self.collection_part_ids.browse()
        return self.collection_part_ids or self.source_transaction_id.collection_part_ids

    def _get_collection_items(self, case):
        """Return what a failed payment was to pay and still is open, to try again."""
        return case.env["collection.item"].search(
            [("case_id", "=", case.id), ("line_id", "in", self.collection_part_ids.line_id.ids)]
        )

    # EXTENDS 'account_payment'
    def _get_invoices_to_notify(self):
        return super()._get_invoices_to_notify() | self.collection_part_ids.line_id.move_id

    # EXTENDS 'account_payment'
    def _create_payment(self, **extra_create_values):
        """Reconcile the payment with the chosen items and parts, and nothing else of them."""
        payment = super()._create_payment(**extra_create_values)
        self._get_collection_parts()._settle_payment(payment)
        return payment

    # === WHAT THE PROVIDER SAYS === #

    # EXTENDS 'payment'
    def _process(self, provider_code, payment_data):
        """Another amount than was asked for pays nothing, however often it is told: the core
        refuses it the first time only. Somebody has to find out where that money is."""
        transaction = self or self._search_by_reference(provider_code, payment_data)
        parts = transaction.collection_part_ids
        if not parts or transaction._is_as_asked(payment_data):
            return super(PaymentTransaction, transaction)._process(provider_code, payment_data)
        state = transaction.state
        transaction._set_error(self.env._("The provider told another amount than was asked for."))
        if transaction.state != state:
            parts._tell_other_amount(transaction)
        return transaction

    def _is_as_asked(self, payment_data):
        """Return whether a provider tells the amount of the transaction, or none at all."""
        told = self._extract_amount_data(payment_data)
        if told is None:  # this provider leaves it unchecked
            return True
        digits = told.get("precision_digits")
        asked = (
            self.amount
            if digits is None
            else float_round(self.amount, precision_digits=digits, rounding_method="DOWN")
        )
        return told.get("currency_code") == self.currency_id.name and not (
            self.currency_id.compare_amounts(told.get("amount") or 0.0, asked)
        )

    # EXTENDS 'payment'
    def _set_done(self, *, state_message=None, extra_allowed_states=()):
        """Money that comes after all is money, whatever was told before: the core would leave it
        unbooked where the payment had been cancelled."""
        if self.collection_part_ids:
            extra_allowed_states = (*extra_allowed_states, "cancel")
        return super()._set_done(
            state_message=state_message, extra_allowed_states=extra_allowed_states
        )

    # EXTENDS 'payment'
    def _update_state(self, allowed_states, target_state, state_message):
        """Keep as evidence what became of a payment that a customer began on the account page."""
        changed = super()._update_state(allowed_states, target_state, state_message)
        for transaction in changed.filtered("collection_part_ids"):
            transaction._record_collection_event()
        return changed

    def _record_collection_event(self):
        event = {
            "pending": "payment_announced" if self._is_announced() else "payment_processing",
            "authorized": "payment_processing",
            "done": "payment_done",
            "cancel": "payment_failed",
            "error": "payment_failed",
        }[self.state]
        self.env["collection.evidence"]._record(
            self.collection_part_ids.case_id,
            event,
            {
                "reference": self.reference,
                "amount": self.amount,
                "currency": self.currency_id.name,
                "documents": ", ".join(self.collection_part_ids.mapped("move_name")),
            },
        )
