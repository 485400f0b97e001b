from dateutil.relativedelta import relativedelta
from odoo import fields, models


class CollectionDisputeReview(models.TransientModel):
    """The dialog that prints the review of a month."""

    _name = "collection.dispute.review"
    _description = "Print the Review of Disputes"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    month = fields.Date(
        string="Any Day of the Month",
        required=True,
        default=lambda self: self.env.company._collection_today()
        - relativedelta(months=1),
    )

    def action_print(self):
        """Make the PDF of the month and give it to the browser."""
        self.ensure_one()
        report = self.env["collection.dispute.report"]
        lang = self.env.lang or self.company_id.partner_id.lang
        self.company_id.check_access("read")
        # Who may open this dialog sees every dispute; the sales are those of the ledger.
        content = report.sudo()._render(self.company_id, self.month, lang)
        attachment = self.env["ir.attachment"].create(
            {
                "name": report._get_file_name(self.company_id, self.month, lang),
                "raw": content,
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "self",
        }
