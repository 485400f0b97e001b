from odoo import Command, api, models


class CollectionErasure(models.AbstractModel):
    """What channels, calls, promises and plans keep of persons beside messages."""

    _inherit = "collection.erasure"

    @api.model
    def _erase_cases(self, cases, ground):
        result = super()._erase_cases(cases, ground)
        cases = cases.sudo().with_context(active_test=False)
        self._empty_parts(**self._find_parts([("case_id", "in", cases.ids)], cases.env))
        return result

    @api.model
    def _find_parts(self, domain, env):
        """Return the recordsets of a domain on cases or contacts, by their name."""
        return {
            "calls": env["collection.call"].search(domain),
            "promises": env["collection.promise"].search(domain),
            "plans": env["collection.plan"].search(domain),
        }

    @api.model
    def _empty_parts(self, calls, promises, plans):
        """When, what and how much was agreed stays; who said it, and the words, go."""
        calls.write({"number": False, "note": False, "contact_id": False})
        documents = promises.attachment_ids | plans.agreement_id | plans.signed_attachment_ids
        promises.write(
            {
                "sentence": False,
                "note": False,
                "exception_reason": False,
                "contact_id": False,
                "attachment_ids": [Command.clear()],
            }
        )
        for plan in plans:
            plan.write(
                {
                    "note": False,
                    # A plan is always proposed to somebody: the customer itself.
                    "contact_id": plan.case_id.partner_id.id,
                    "agreement_id": False,
                    "signed_attachment_ids": [Command.clear()],
                }
            )
        documents.unlink()

    @api.model
    def _empty_reminders(self, reminders):
        reminders = reminders.sudo()
        letters, mailings = reminders.letter_id, reminders.mailing_id
        result = super()._empty_reminders(reminders)
        letters.unlink()
        # The file for the printer and its list hold others' letters too; once all are posted,
        # each of those has its own.
        posted = mailings.filtered(lambda mailing: not mailing.waiting_count)
        posted.write({"pdf": False, "recipients": False})
        return result

    @api.model
    def _prepare_empty_reminder_vals(self):
        return {
            **super()._prepare_empty_reminder_vals(),
            "original_subject": False,
            "original_body": False,
            "tracking_number": False,
            "letter_id": False,
        }

    @api.model
    def _empty_messages(self, messages):
        """The SMS and letters of services know number and address apart from the message."""
        messages = messages.sudo()
        self.env["sms.sms"].sudo().search([("mail_message_id", "in", messages.ids)]).unlink()
        letters = self.env["snailmail.letter"].sudo()
        letters.search([("message_id", "in", messages.ids)]).unlink()
        return super()._empty_messages(messages)
