from collections import defaultdict

from odoo import fields, models


class CollectionLevel(models.Model):
    _inherit = "collection.level"

    show_interest = fields.Boolean(
        string="Mention Interest",
        help="Say how much late-payment interest and compensation may be claimed to date, beside "
        "what is asked for; nothing is booked by it.",
    )


class CollectionReminder(models.Model):
    _inherit = "collection.reminder"

    def _get_interest(self):
        """Return [(currency, interest, compensation)] that its items bear to date.

        Empty where the level does not mention it.
        """
        self.ensure_one()
        if not self.level_id.show_interest:
            return []
        # Figures of this very reminder's items, whoever previews it.
        claims = self.env["collection.interest.claim"].sudo()
        found = claims.search(
            [("line_id", "in", self.item_ids.sudo().line_id.ids), ("problem", "=", False)]
        )
        totals = defaultdict(lambda: [0, 0])
        for claim in found:
            totals[claim.currency_id][0] += claim.interest
            totals[claim.currency_id][1] += claim.compensation
        return [(currency, *amounts) for currency, amounts in totals.items()]
