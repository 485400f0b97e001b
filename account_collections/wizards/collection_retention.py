from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

#: Cases that the preview names; all are counted.
MAX_SHOWN = 100


class CollectionRetention(models.TransientModel):
    """Shows what would be erased before a person lets it happen."""

    _name = "collection.retention"
    _description = "Erase Personal Data after its Term"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    years = fields.Integer(
        required=True, default=lambda self: self.env.company.collection_retention_years
    )
    is_active = fields.Boolean(related="company_id.collection_retention")
    due_count = fields.Integer(string="Cases Past Their Term", compute="_compute_due")
    preview_html = fields.Html(string="Preview", compute="_compute_due", sanitize=False)

    _years_positive = models.Constraint(
        "CHECK (years >= 1)", "Cases are kept for a year at least."
    )

    @api.depends("company_id", "years")
    def _compute_due(self):
        for wizard in self:
            wizard._check_admin()
            # Cases are read for the preview, of the company that the administrator works in.
            due = self.env["collection.erasure"].sudo()._get_due(wizard.company_id, wizard.years)
            shown = self.env["collection.case"].sudo().browse(list(due)[:MAX_SHOWN])
            wizard.due_count = len(due)
            wizard.preview_html = self.env["ir.qweb"]._render(
                "account_collections.retention_preview",
                {
                    "rows": [
                        (case.display_name, format_date(self.env, due[case.id])) for case in shown
                    ],
                    "more": len(due) - len(shown),
                },
            )

    def action_activate(self):
        """Let the scheduled action erase, from now on, what has passed its term."""
        self._change(collection_retention=True, collection_retention_years=self.years)
        self.env.ref("account_collections.ir_cron_erase")._trigger()
        return {"type": "ir.actions.act_window_close"}

    def action_deactivate(self):
        """Erase nothing more; what is erased stays so."""
        self._change(collection_retention=False)
        return {"type": "ir.actions.act_window_close"}

    def _change(self, **values):
        self.ensure_one()
        self._check_admin()
        # An administrator of collections sets it without the right to change companies.
        self.company_id.sudo().write(values)

    def _check_admin(self):
        """Refuse anybody but an administrator of collections who works in the company."""
        if not self.env.su and not self.env.user.has_group(
            "account_collections.group_collection_admin"
        ):
            raise AccessError(
                self.env._("An administrator of collections erases personal data.")
            )
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("This is done from within the company."))
