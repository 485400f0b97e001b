from datetime import timedelta

from odoo.tests import Form

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)
WEEK = 7 * DAY
TODAY_AT = f"{TODAY} %s:00"


class CallCommon(CollectionCommon):
    """A first level that is a phone call, to a customer in Paris with a landline."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "UTC"
        cls.level = cls.scenario.level_ids.sorted("rank")[0]
        cls.level.write(
            {
                "channel": "call",
                "script_id": cls.env.ref("account_collections.mail_template_call_script").id,
            }
        )
        cls.france = cls.env.ref("base.fr")
        cls.customer.write({"phone": "01 40 00 00 12", "country_id": cls.france.id})

    @classmethod
    def _called(cls, partner=None):
        """Return the call that a customer is to get, handed over today."""
        partner = partner or cls.customer
        cls._invoice(partner, 100, overdue=10)
        cls._day()
        return cls._reminder(partner)

    def _note(self, reminder, result, when=None, user=None, **values):
        """Note the result of a call in the form, as a person does."""
        with self._at(when or TODAY_AT % "15:00"):
            action = reminder.with_user(user or self.owner).action_call_result()
            note = Form(
                self.env["collection.call.note"]
                .with_user(user or self.owner)
                .with_context(**action["context"])
            )
            note.result = result
            for name, value in values.items():
                setattr(note, name, value)
            note.save().action_note()
        return reminder.case_id.call_ids[:1]

    def _events(self, record):
        return (
            self.env["collection.evidence"]
            .search([("reminder_id", "=", record.id)], order="id")
            .mapped("event")
        )
