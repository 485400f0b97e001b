from odoo import api, fields, models

from ..models.collection_insolvency import PROCEDURES


class CollectionInsolvencyOpen(models.TransientModel):
    """The 'Insolvency…' dialog: what the court decided, as far as it is known."""

    _name = "collection.insolvency.open"
    _description = "Open Insolvency Proceedings"

    case_id = fields.Many2one(
        "collection.case",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    procedure = fields.Selection(PROCEDURES, required=True, default="receivership")
    date_judgment = fields.Date(
        string="Judgment of", required=True, default=fields.Date.context_today
    )
    court = fields.Char()
    date_publication = fields.Date(string="Published on")
    publication_reference = fields.Char(string="Reference of the Publication")
    administrator_id = fields.Many2one("res.partner", string="Court Administrator")

    def action_open(self):
        """Put the case at the stage of insolvency and give its tasks; decide it anew.

        :raises AccessError: for anybody but a credit manager
        """
        self.ensure_one()
        case = self.case_id
        self.env["collection.insolvency"].check_access("create")
        if case.state != "insolvency":
            case._set_state("insolvency")
        insolvency = self.env["collection.insolvency"].create(self._prepare_insolvency_vals())
        case._decide_again()
        return insolvency.get_formview_action()

    @api.model
    def _get_copied_fields(self):
        return (
            "procedure",
            "date_judgment",
            "court",
            "date_publication",
            "publication_reference",
        )

    def _prepare_insolvency_vals(self):
        return {
            "case_id": self.case_id.id,
            "administrator_id": self.administrator_id.id,
            **{name: self[name] for name in self._get_copied_fields()},
        }
