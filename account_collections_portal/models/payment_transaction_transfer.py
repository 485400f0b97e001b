import base64

from odoo import api, models
from odoo.addons.account_collections.engine import matching


class PaymentTransaction(models.Model):
    """A bank transfer that a customer announced: where it goes, and how it is known again."""

    _inherit = "payment.transaction"

    def _is_announced(self):
        """Return whether the customer only said that they will transfer the money."""
        return self.state == "pending" and self.provider_code == "custom"

    # === WHERE IT GOES === #

    def _get_transfer_account(self):
        """Return the bank account that a transfer goes to: the journal's, else the company's."""
        self.ensure_one()
        own = self.provider_id.journal_id.bank_account_id
        return own or self.company_id.partner_id.bank_ids[:1]

    def _get_transfer_qr(self):
        """Return the picture that the customer's bank scans, as the address of an image; None
        where the provider shows none, or account and currency allow none.

        What it says is the core's to know; it is drawn as our other codes are: the core's own
        drawing needs a library that not every machine has.
        """
        account = self._get_transfer_account()
        values = self.provider_id.qr_code and account._build_qr_code_vals(
            self.amount, self.reference, self.reference, self.currency_id, self.partner_id
        )
        params = values and account._get_qr_code_generation_params(**values)
        if not params or params["barcode_type"] != "QR":
            return None
        picture = self.env["collection.case"]._draw_code(params["value"])
        return f"data:image/png;base64,{base64.b64encode(picture).decode()}"

    # === ITS MONEY === #

    _collection_awaited = models.Index("(amount, company_id) WHERE state = 'pending'")

    @api.model
    def _get_awaited(self, companies, amounts):
        """Return the transfers of one of these amounts that were announced to companies and have
        not come yet: the few that money may be, whatever else was ever announced."""
        return self.search(
            [
                ("company_id", "in", companies.ids),
                ("amount", "in", sorted(amounts)),
                ("state", "=", "pending"),
                ("provider_code", "=", "custom"),
                ("collection_part_ids", "!=", False),
            ]
        )

    def _find_named(self, company, currency, amount, text):
        """Return the one of these transfers that money names, if its amount is the very same.

        Any other amount is left to those who allocate: the reference may be one of many.
        """
        named = matching.tokens(text)
        found = self.filtered(
            lambda transaction: transaction.company_id == company
            and transaction.currency_id == currency
            and not currency.compare_amounts(transaction.amount, amount)
            and matching.normalise(transaction.reference) in named
        )
        # The reference of a second attempt begins with that of the first.
        return found.sorted(lambda transaction: len(transaction.reference), reverse=True)[:1]

    def _set_received(self):
        """The announced money is there and is being booked: no payment is to be made for it."""
        self._set_done()
        self.is_post_processed = True
