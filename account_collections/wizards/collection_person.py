from odoo import api, fields, models


class CollectionPerson(models.TransientModel):
    """The 'Personal Data…' dialog of a contact: what there is, hand it out, erase it."""

    _name = "collection.person"
    _description = "Personal Data of a Contact in Collections"

    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        readonly=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    summary_html = fields.Html(string="What Is Kept", compute="_compute_summary", sanitize=False)
    grounds = fields.Text(string="Why It Is Kept", compute="_compute_summary")
    contact = fields.Boolean(
        string="Anonymise the Contact Too",
        help="Its name and addresses are erased and it is archived. Only where no accounting "
        "document and no case is in its name.",
    )
    can_anonymise = fields.Boolean(compute="_compute_summary")

    @api.depends("partner_id")
    def _compute_summary(self):
        data = self.env["collection.personal.data"]
        for wizard in self:
            data._check_manager()
            wizard.partner_id.check_access("read")
            found = data._find(wizard.partner_id)
            wizard.summary_html = self.env["ir.qweb"]._render(
                "account_collections.person_summary",
                {
                    "counts": [
                        (title, len(found[name]))
                        for name, (title, _model) in data._get_sections().items()
                    ]
                },
            )
            wizard.grounds = "\n".join(data._get_grounds(wizard.partner_id))
            wizard.can_anonymise = not data._is_in_accounting(wizard.partner_id)

    def action_export(self):
        """Answer a request for access: a ZIP with a readable page and a file for programs."""
        self.ensure_one()
        self.env["collection.personal.data"]._check_manager()
        lang = self.env.lang or self.env.user.lang
        return {
            "type": "ir.actions.act_url",
            "url": f"/account_collections/person/{self.partner_id.id}?lang={lang}",
            "target": "download",
        }

    def action_erase(self):
        """Erase it, where nothing in law says to keep it."""
        self.ensure_one()
        self.env["collection.personal.data"]._erase(self.partner_id, contact=self.contact)
        return {"type": "ir.actions.act_window_close"}
