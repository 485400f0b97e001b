from odoo import fields, models
from odoo.exceptions import UserError


class CollectionHandover(models.Model):
    """Its file, and how it reaches whoever collects."""

    _name = "collection.handover"
    _inherit = ["collection.handover", "collection.dossier"]

    _file_cron = "account_collections.ir_cron_files"
    _file_tables = "collection.handover.table"
    _file_event = "handover_file"

    sent_on = fields.Datetime(
        string="File Sent on", readonly=True, copy=False, help="By e-mail from here."
    )

    def action_send(self):
        """Open the message to them, with the file.

        :raises UserError: when the file is not ready, or they have no address
        """
        self.ensure_one()
        self.check_access("write")
        if self.file_state != "done":
            raise UserError(self.env._("The file is not ready yet."))
        if not self.agency_id.email:
            raise UserError(
                self.env._("%s has no e-mail address.", self.agency_id.display_name)
            )
        template = self.env.ref("account_collections.mail_template_handover")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send the File"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": template.id,
                "default_partner_ids": self.agency_id.partner_id.ids,
                "default_attachment_ids": self.file_ids.ids,
            },
        }

    def _message_post_after_hook(self, message, msg_vals):
        """What goes to them with the file is proved in the case."""
        if self.agency_id.partner_id in message.partner_ids and message.attachment_ids:
            # Whoever may write on the hand-over may send its file.
            self.sudo().sent_on = fields.Datetime.now()
            facts = {"handover": self.id, "agency": self.agency_id.display_name}
            facts["attachments"] = message.attachment_ids.mapped("name")
            self.env["collection.evidence"]._record(self.case_id, "handover_sent", facts, message)
        return super()._message_post_after_hook(message, msg_vals)

    # === HOOKS === #

    def _get_file_moves(self):
        return self.line_ids.move_id

    def _get_file_stem(self):
        return f"handover-{self.date}"

    def _get_file_facts(self):
        return {"handover": self.id}

    def _say_built(self):
        return self.env._("The file of the hand-over is ready.")
