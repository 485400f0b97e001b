from odoo import api, fields, models
from odoo.tools import SQL

from .collection_prescription import CAUSES


class CollectionItem(models.Model):
    """Until when it can be claimed, and whether somebody else collects it."""

    _inherit = "collection.item"

    date_prescribed = fields.Date(
        string="Prescribed after",
        readonly=True,
        help="Last day on which it can be claimed in court, by the law of our country.",
    )
    prescription_since = fields.Date(readonly=True)
    prescription_cause = fields.Selection(
        CAUSES, string="Prescription Interrupted by", readonly=True
    )
    is_handed_over = fields.Boolean(string="Handed Over", readonly=True)

    @api.model
    def _select(self):
        return SQL(
            """%s, prescription.date AS date_prescribed,
               prescription.since AS prescription_since,
               prescription.cause AS prescription_cause,
               %s AS is_handed_over""",
            super()._select(),
            self.env["collection.handover.line"]._is_handed_over_sql(),
        )

    @api.model
    def _joins(self):
        return SQL(
            "%s LEFT JOIN collection_prescription prescription ON prescription.line_id = line.id",
            super()._joins(),
        )
