from decimal import Decimal

from odoo import fields, models

from ..engine import losses


class ResCompany(models.Model):
    """Doubtful debts and losses: what is proposed, who approves, where it is booked."""

    _inherit = "res.company"

    collection_loss_small_days = fields.Integer(
        string="Small Residuals after",
        help="Days after the due date from which small residuals are proposed for write-off; "
        "0 proposes none.",
    )
    collection_doubtful_days = fields.Integer(
        string="Doubtful after",
        help="Days overdue from which a debt is proposed as doubtful; 0 proposes none.",
    )
    collection_doubtful_by_state = fields.Boolean(
        string="Doubtful by Stage",
        help="Propose the debts of customers in insolvency, and of those with our lawyers.",
    )
    collection_doubtful_percent = fields.Float(
        string="Depreciation Proposed", default=50.0, help="Per cent of the debt without tax."
    )
    collection_loss_approval_amount = fields.Float(
        string="Losses an Administrator Approves",
        default=5000.0,
        help="Company currency. Above this amount a credit manager is not enough; 0 sets no limit.",
    )
    collection_loss_tax = fields.Boolean(
        string="Take the Tax Back",
        default=True,
        help="The law of the company gives the tax of a debt back that is lost for good.",
    )
    collection_loss_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of Losses",
        domain="[('type', '=', 'general')]",
        check_company=True,
    )
    collection_loss_small_account_id = fields.Many2one(
        "account.account", string="Small Differences", check_company=True
    )
    collection_loss_account_id = fields.Many2one(
        "account.account", string="Losses on Receivables", check_company=True
    )
    collection_recovered_account_id = fields.Many2one(
        "account.account", string="Recovered Losses", check_company=True
    )
    collection_doubtful_account_id = fields.Many2one(
        "account.account",
        string="Doubtful Receivables",
        domain="[('account_type', '=', 'asset_receivable')]",
        check_company=True,
    )
    collection_depreciation_account_id = fields.Many2one(
        "account.account", string="Depreciation of Receivables", check_company=True
    )
    collection_provision_account_id = fields.Many2one(
        "account.account", string="Provision for Doubtful Receivables", check_company=True
    )

    _collection_loss_terms = models.Constraint(
        """CHECK (collection_loss_small_days >= 0 AND collection_doubtful_days >= 0
                  AND collection_doubtful_percent BETWEEN 0 AND 100
                  AND collection_loss_approval_amount >= 0)""",
        "Days and amounts of losses are zero or more, a depreciation is 100 % at most.",
    )

    def _get_loss_terms(self):
        self.ensure_one()
        return losses.Terms(
            small=Decimal(f"{self.collection_small_residual:.2f}"),
            small_days=self.collection_loss_small_days,
            doubtful_days=self.collection_doubtful_days,
            by_state=self.collection_doubtful_by_state,
        )
