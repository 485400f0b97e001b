from odoo import api, models
from odoo.tools import formatLang


class CollectionWording(models.AbstractModel):
    """Facts of events, and values in the answer to an access request, as people read them.

    Programs find the same under its technical name. What has no word here is called as the
    field of that name is, or keeps it.
    """

    _name = "collection.wording"
    _description = "Words for What Is Kept"

    @api.model
    def _get_words(self):
        """Return {technical name: what people call it}; add-ons add theirs."""
        _ = self.env._
        return {
            "accepted": _("Accepted amount"),
            "address": _("Address"),
            "agency": _("Collected by"),
            "amount": _("Amount"),
            "answer": _("Answer"),
            "attachments": _("Attachments"),
            "attempts": _("Attempts"),
            "body": _("Text"),
            "channel": _("Channel"),
            "company": _("Company"),
            "contact": _("Contact"),
            "credited": _("Credited"),
            "currency": _("Currency"),
            "date": _("Date"),
            "direction": _("Direction"),
            "dispute": _("Dispute"),
            "documents": _("Documents"),
            "email": _("E-mail"),
            "event": _("Event"),
            "exception": _("Why beyond the limits"),
            "facts": _("Facts"),
            "file": _("File"),
            "for": _("Promised for"),
            "from": _("Sender"),
            "given": _("Given on"),
            "ground": _("Ground"),
            "handover": _("Hand-over"),
            "instalments": _("Instalments"),
            "message_id": _("Message number"),
            "messages": _("Messages"),
            "name": _("Name"),
            "note": _("Note"),
            "number": _("Number"),
            "outcome": _("Outcome"),
            "outstanding": _("Outstanding"),
            "overdue": _("Overdue"),
            "owner": _("Owner"),
            "plan": _("Instalment plan"),
            "promise": _("Promise"),
            "reason": _("Reason"),
            "received": _("Received"),
            "recipient": _("Recipient"),
            "reference": _("Reference"),
            "result": _("Result"),
            "said": _("Said"),
            "sent": _("Sent on"),
            "sha256": _("SHA-256"),
            "since": _("Since"),
            "state": _("State"),
            "step": _("Step"),
            "subject": _("Subject"),
            "text": _("Text"),
            "to": _("Sent to"),
            "tracking_number": _("Tracking number"),
            "until": _("Until"),
            "why": _("Why"),
        }

    @api.model
    def _read_out(self, values, model="collection.reminder"):
        """Return [(word, text, rows)] of a dictionary; what is nested has rows instead of text.

        :param str model: whose choices the values are, where they are codes
        """
        words = self._get_words()
        return [
            (words.get(name) or self._name_field(name, model), *self._say(name, value, model))
            for name, value in values.items()
        ]

    @api.model
    def _name_field(self, name, model):
        # What fields are called is no secret.
        field = self.env["ir.model.fields"].sudo()._get(model, name)
        return field.field_description or name

    @api.model
    def _say(self, name, value, model):
        """Return (text, rows) of one value."""
        if isinstance(value, dict):
            return "", [self._read_out(value)]
        if isinstance(value, list):
            if value and isinstance(value[0], dict):
                return "", [self._read_out(one) for one in value]
            return ", ".join(map(str, value)), None
        if isinstance(value, float):
            return formatLang(self.env, value), None
        field = self.env[model]._fields.get(name)
        if field is not None and field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return labels.get(value, value), None
        if name == "reason":
            return self.env["collection.reason"]._get_label(value), None
        return str(value), None
