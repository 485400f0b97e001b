from odoo import api, fields, models
from odoo.exceptions import AccessError


class CollectionHandoverOpen(models.TransientModel):
    """The 'Hand Over…' dialog of a case, or of some of its open items."""

    _name = "collection.handover.open"
    _description = "Hand Over"

    case_id = fields.Many2one(
        "collection.case", required=True, ondelete="cascade",
        default=lambda self: self._get_default_case(),
    )  # fmt: skip
    company_id = fields.Many2one(related="case_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    agency_id = fields.Many2one(
        "collection.agency",
        string="Entrusted to",
        required=True,
        domain="[('company_id', 'in', (False, company_id))]",
        default=lambda self: self.env["collection.agency"].search(
            [("company_id", "in", (False, self._get_default_case().company_id.id))], limit=1
        ),
    )
    item_ids = fields.Many2many(
        "collection.item",
        string="Items",
        compute="_compute_item_ids",
        store=True,
        readonly=False,
        domain="[('case_id', '=', case_id), ('is_overdue', '=', True),"
        " ('is_handed_over', '=', False)]",
    )
    amount = fields.Monetary(string="Principal", compute="_compute_amount")
    is_noticed = fields.Boolean(compute="_compute_amount")
    is_whole = fields.Boolean(
        string="No Reminders Meanwhile",
        default=True,
        help="The customer is not reminded of anything else either: the case is at the legal "
        "stage until it ends.",
    )
    note = fields.Text(string="Remark", help="For those who collect.")

    @api.model
    def _get_default_case(self):
        """The case it is opened from, or that of the items."""
        active = self.env.context.get("active_ids") or []
        if self.env.context.get("active_model") == "collection.item":
            return self.env["collection.item"].browse(active[:1]).case_id
        return self.env["collection.case"].browse(active[:1])

    @api.depends("case_id")
    def _compute_item_ids(self):
        """What was chosen, else what is overdue and neither contested nor handed over."""
        items = self.env["collection.item"]
        for wizard in self:
            if self.env.context.get("active_model") == "collection.item":
                wizard.item_ids = items.browse(self.env.context["active_ids"])
            else:
                wizard.item_ids = items.search(
                    [
                        ("case_id", "=", wizard.case_id.id),
                        ("is_overdue", "=", True),
                        ("is_handed_over", "=", False),
                        ("is_disputed", "=", False),
                    ]
                )

    @api.depends("item_ids", "case_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.item_ids.mapped("amount"))
            wizard.is_noticed = wizard.case_id.state == "formal_notice"

    def action_draft(self):
        """Draft the hand-over, and show it.

        :raises AccessError: for anybody but a collector
        :raises UserError: with what cannot be handed over
        """
        self.ensure_one()
        if not self.env.user.has_group("account_collections.group_collection_user"):
            raise AccessError(self.env._("A collector hands over."))
        handover = self.env["collection.handover"]._make(
            self.case_id,
            # The rows of a screen are virtual records.
            self.item_ids._origin,
            self.agency_id,
            is_whole=self.is_whole,
            note=self.note,
        )
        return {**handover.get_formview_action(), "target": "current"}
