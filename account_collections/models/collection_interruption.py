from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine import prescription
from ..wording import with_colon

#: What people write down; payments, promises and notices are known by themselves.
KINDS = [
    (prescription.ACKNOWLEDGED, "Acknowledgement of debt"),
    (prescription.ACTION, "Legal action"),
    (prescription.TITLE, "Judgment"),
]


class CollectionInterruption(models.Model):
    """What has prescription start anew for some documents, and its proof."""

    _name = "collection.interruption"
    _description = "Interruption of Prescription"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"

    case_id = fields.Many2one(
        "collection.case", string="Customer", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    date = fields.Date(required=True, default=lambda self: self.env.company._collection_today())
    kind = fields.Selection(KINDS, required=True, default=prescription.ACKNOWLEDGED)
    item_ids = fields.Many2many(
        "collection.item",
        string="Open Items",
        store=False,
        compute="_compute_item_ids",
        inverse="_inverse_item_ids",
        domain="[('case_id', '=', case_id), ('is_credit', '=', False)]",
    )
    move_ids = fields.Many2many(
        "account.move",
        "collection_interruption_move_rel",
        "interruption_id",
        "move_id",
        string="Documents",
        readonly=True,
    )
    documents = fields.Char(string="Names of the Documents", compute="_compute_documents")
    note = fields.Char(string="Proof", help="Where it is written; attach it below.")

    @api.depends("case_id")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for one in self:
            label, customer = labels.get(one.kind), one.case_id.display_name
            one.display_name = with_colon(self.env, label, customer) if customer else label

    @api.depends("move_ids")
    def _compute_documents(self):
        for one in self:
            # Names of documents of a case that the user sees.
            one.documents = ", ".join(filter(None, one.sudo().move_ids.mapped("name")))

    @api.depends("case_id")
    def _compute_item_ids(self):
        """All that is open of the customer, unless somebody chooses."""
        for one in self:
            items = one._get_open_items()
            if one._origin:
                # Documents of a case that the user sees.
                moves = one.sudo().move_ids
                items = items.filtered(lambda item, moves=moves: item.move_id in moves)
            one.item_ids = items

    def _get_open_items(self):
        return self.case_id.item_ids.filtered(lambda item: not item.is_credit)

    def _inverse_item_ids(self):
        for one in self:
            # of this customer only, whatever was sent
            one.sudo().move_ids = (one.item_ids & one._get_open_items()).move_id

    @api.constrains("date")
    def _check_date(self):
        for one in self:
            if one.date > one.company_id._collection_today():
                raise ValidationError(self.env._("It has not happened yet: enter a past day."))

    @api.model_create_multi
    def create(self, vals_list):
        """:raises UserError: it interrupts nothing"""
        if not self.env.su and any("move_ids" in vals for vals in vals_list):
            raise UserError(self.env._("Choose the documents that it is about."))
        made = super().create(vals_list)
        for one in made.sudo():
            one.move_ids = one.move_ids or one._get_open_items().move_id
            if not one.move_ids:
                raise UserError(self.env._("Choose the documents that it is about."))
        made._record("prescription_interrupted")
        self._refresh(made.case_id)
        return made

    def write(self, vals):
        """:raises UserError: what happened is not changed, only its proof"""
        if not self.env.su and set(vals) - {"note", "message_main_attachment_id"}:
            raise UserError(self.env._("Delete it, and enter it anew."))
        return super().write(vals)

    def unlink(self):
        self._record("interruption_deleted")
        cases = self.case_id
        result = super().unlink()
        self._refresh(cases)
        return result

    def _record(self, event):
        for one in self:
            facts = {
                "kind": one.kind,
                "date": fields.Date.to_string(one.date),
                "documents": one.sudo().move_ids.mapped("name"),
                "note": one.note or "",
            }
            self.env["collection.evidence"]._record(one.case_id, event, facts)

    @api.model
    def _refresh(self, cases):
        """Show at once until when it can be claimed."""
        # Days are the product's, and of whoever may write down what interrupts.
        prescription = self.env["collection.prescription"].sudo()
        for company, own in cases.grouped("company_id").items():
            prescription._refresh(company, cases=own)
