from odoo import api, fields, models


class CollectionCase(models.Model):
    """The stage of insolvency: its proceedings, and what may be charged."""

    _inherit = "collection.case"

    insolvency_ids = fields.One2many("collection.insolvency", "case_id", readonly=True)
    insolvency_id = fields.Many2one(
        "collection.insolvency", string="Proceedings", compute="_compute_insolvency"
    )

    @api.depends("insolvency_ids.date_end")
    def _compute_insolvency(self):
        for case in self:
            case.insolvency_id = case.insolvency_ids.filtered(lambda one: not one.date_end)[:1]

    def _set_state(self, state):
        """Back to the scenario or closed, the proceedings are over for us."""
        result = super()._set_state(state)
        if state in ("current", "closed"):
            for case in self:
                # Only a credit manager comes this far: the transition asks.
                case.insolvency_id.sudo()._end(case.company_id._collection_today())
        return result

    def _collection_charges_allowed(self, origin=None):
        """Return whether compensation for late payment may be charged.

        Once insolvency was opened none is due on debts from before the judgment (in France,
        article L441-10 of the commercial code).

        :param date origin: day the debt comes from; None asks for the case as a whole
        """
        self.ensure_one()
        if self.state != "insolvency":
            return True
        judgment = self.insolvency_id.date_judgment
        return bool(judgment and origin and origin >= judgment)

    def action_open_insolvency(self):
        """Open the proceedings, to follow them."""
        self.ensure_one()
        return self.insolvency_id.get_formview_action()

    def _merge_into(self, target):
        """One debtor has one open insolvency, and is told once of the same money."""
        if target.insolvency_id:
            self.insolvency_id.sudo()._end(self.company_id._collection_today())
        probable = self.env["collection.probable.payment"].sudo()
        known = probable.search([("case_id", "=", target.id)])
        moving = probable.search([("case_id", "=", self.id)])
        moving.filtered(
            lambda one: one.statement_line_id & known.statement_line_id
            or one.payment_id & known.payment_id
        ).unlink()
        return super()._merge_into(target)

    @api.model
    def _get_case_references(self):
        return [
            *super()._get_case_references(),
            ("collection_insolvency", "case_id"),
            ("collection_probable_payment", "case_id"),
        ]
