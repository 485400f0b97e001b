from odoo import api, models

from ..engine.facts import CALL


class CollectionPrepare(models.AbstractModel):
    _inherit = "collection.prepare"

    @api.model
    def _write_texts(self, level, reminders):
        """A call gets its level's script, with the amounts and what was last said."""
        scripted = reminders.filtered(
            lambda reminder: reminder.channel == CALL and level.script_id and not reminder.is_edited
        )
        super()._write_texts(level, reminders - scripted)
        if not scripted:
            return
        texts = level.script_id._generate_template(scripted.ids, ("subject", "body_html"))
        for reminder in scripted:
            text = texts[reminder.id]
            worker = reminder.case_id._get_person_at_work()
            subject = text["subject"] or level.with_context(lang=worker.lang).name
            reminder.write({"subject": subject, "body": text["body_html"]})
