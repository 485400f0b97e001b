from odoo import api, fields, models

from .collection_handover import HANDED_OVER


class CollectionCase(models.Model):
    """What of its debts somebody else collects, and until when they can be claimed."""

    _inherit = "collection.case"

    handover_ids = fields.One2many("collection.handover", "case_id", readonly=True)
    handover_count = fields.Integer(string="Hand-Overs", compute="_compute_handovers")
    agency_names = fields.Char(string="Collected by Others", compute="_compute_handovers")
    handed_over_amount = fields.Monetary(string="Handed Over", compute="_compute_handovers")
    prescription_ids = fields.One2many("collection.prescription", "case_id", readonly=True)
    date_prescribed = fields.Date(
        string="Prescribed after",
        compute="_compute_date_prescribed",
        search="_search_date_prescribed",
        help="The first of its open items that is prescribed.",
    )

    @api.depends("handover_ids.state")
    def _compute_handovers(self):
        standing = self.handover_ids.filtered(lambda one: one.state != "cancelled")
        by_case = standing.grouped("case_id")
        for case in self:
            own = by_case.get(case, standing.browse())
            active = own.filtered(lambda one: one.state == HANDED_OVER)
            case.handover_count = len(own)
            case.agency_names = ", ".join(dict.fromkeys(active.agency_id.mapped("display_name")))
            case.handed_over_amount = sum(active.mapped("open_amount"))

    @api.depends("prescription_ids.date")
    def _compute_date_prescribed(self):
        found = dict(
            self.env["collection.prescription"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["date:min"]
            )
        )
        for case in self:
            case.date_prescribed = found.get(case, False)

    @api.model
    def _search_date_prescribed(self, operator, value):
        if operator not in ("<", "<=", ">", ">=", "="):
            return NotImplemented
        return [("prescription_ids", "any", [("date", operator, value)])]

    def action_open_handovers(self):
        return self._open_related("account_collections.collection_handover_action")

    @api.model
    def _get_case_references(self):
        return [
            *super()._get_case_references(),
            ("collection_handover", "case_id"),
            ("collection_interruption", "case_id"),
            ("collection_prescription", "case_id"),
        ]
