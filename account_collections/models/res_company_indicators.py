from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import ageing


class ResCompany(models.Model):
    """How the aged balance is cut, and from when what is overdue is at risk."""

    _inherit = "res.company"

    collection_bucket_1 = fields.Integer(default=ageing.BOUNDS[0])
    collection_bucket_2 = fields.Integer(default=ageing.BOUNDS[1])
    collection_bucket_3 = fields.Integer(default=ageing.BOUNDS[2])
    collection_bucket_4 = fields.Integer(default=ageing.BOUNDS[3])
    collection_risk_days = fields.Integer(
        string="At Risk after", default=90, help="Days overdue from which a debt may be lost."
    )

    @api.constrains(
        "collection_bucket_1", "collection_bucket_2", "collection_bucket_3", "collection_bucket_4"
    )
    def _check_collection_buckets(self):
        for company in self:
            if not ageing.check_bounds(company._get_buckets()):
                raise ValidationError(
                    self.env._("The days of the aged balance rise from one bucket to the next.")
                )

    def write(self, vals):
        """Other buckets: the history is computed anew, by the scheduled action."""
        result = super().write(vals)
        if any(name.startswith(("collection_bucket_", "collection_risk_")) for name in vals):
            # Whoever may change the company changes what follows from it.
            days = self.env["collection.snapshot.day"].sudo()
            days.search([("company_id", "in", self.ids)]).fingerprint = False
            self.env.ref("account_collections.ir_cron_snapshot")._trigger()
        return result

    def _get_buckets(self):
        """Return the last days of the buckets but the oldest."""
        self.ensure_one()
        return tuple(self[f"collection_bucket_{number}"] for number in range(1, 5))

    def _get_bucket_labels(self):
        """Return what the buckets are called, the oldest last."""
        return [
            self.env._("Overdue %(first)s–%(last)s Days", first=first, last=last)
            if last
            else self.env._("Overdue More than %(days)s Days", days=first - 1)
            for first, last in ageing.spans(self._get_buckets())
        ]
