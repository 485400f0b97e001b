from odoo import fields, models


class CollectionEvidencePack(models.TransientModel):
    """The 'Evidence Pack…' dialog: which case, in which language."""

    _name = "collection.evidence.pack"
    _description = "Download an Evidence Pack"

    case_id = fields.Many2one("collection.case", required=True, readonly=True)
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        required=True,
        default=lambda self: self.env.lang or self.env.user.lang or "en_US",
    )
    event_count = fields.Integer(related="case_id.evidence_count", string="Events")
    unsealed_count = fields.Integer(
        string="Not Sealed Yet",
        compute="_compute_unsealed_count",
        help="They are in the pack without a seal; the scheduled action seals them.",
    )

    def _compute_unsealed_count(self):
        evidence = self.env["collection.evidence"]
        for wizard in self:
            wizard.unsealed_count = evidence.search_count(
                [("case_id", "=", wizard.case_id.id), ("sequence", "=", False)]
            )

    def action_download(self):
        self.ensure_one()
        self.case_id.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/account_collections/evidence/{self.case_id.id}?lang={self.lang}",
            "target": "download",
        }
