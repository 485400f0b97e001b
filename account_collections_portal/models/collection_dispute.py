from odoo import fields, models


class CollectionDispute(models.Model):
    """What customers contest, follow and answer on their account page."""

    _inherit = "collection.dispute"

    source = fields.Selection(
        [("colleague", "A colleague"), ("portal", "Customer portal")],
        string="Opened by",
        default="colleague",
        required=True,
        readonly=True,
    )
    portal_message_ids = fields.Many2many(
        "mail.message",
        "collection_dispute_portal_message_rel",
        string="Written on the Portal",
        readonly=True,
        copy=False,
    )

    def _post_online(self, text, author, name, files=()):
        """Add what the customer wrote on the account page.

        It starts the clock again when the customer was awaited, and is work for the owner.
        """
        self.ensure_one()
        was_awaiting = self.state == "awaiting"
        message = self.case_id._post_for_customer(self, text, author, name, files)
        self.portal_message_ids |= message
        return message, was_awaiting

    def _answer_online(self, text, author, name, files=()):
        """The customer answers: the owner is told today, whatever the state."""
        message, was_awaiting = self._post_online(text, author, name, files)
        if not was_awaiting:  # else the base has told the owner
            owner = self.user_id
            self._plan(
                owner,
                self.with_context(lang=owner.lang).env._("The customer wrote"),
                self.company_id._collection_today(),
            )
        return message

    def _get_portal_messages(self):
        """Return what the customer may read, oldest first: what they wrote and what they were sent.

        Notes, and messages among colleagues, are nobody's outside.
        """
        customers = (self.case_id.debtor_ids.partner_id | self.partner_id).ids
        theirs = [("commercial_partner_id", "in", customers)]
        return self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("message_type", "in", ("comment", "email")),
                ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
                "|",
                "|",
                ("id", "in", self.portal_message_ids.ids),
                ("author_id", "any", theirs),
                ("partner_ids", "any", theirs),
            ],
            order="id",
        )
