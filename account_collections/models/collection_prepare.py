import logging
from functools import partial

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, retrying
from odoo.tools import split_every

from ..engine.facts import BY_PERSON, EMAIL, ON_PAPER

_logger = logging.getLogger(__name__)

#: Channels that carry documents beside the text.
WITH_DOCUMENTS = (EMAIL, *ON_PAPER)

#: Reminders rendered, and committed, together.
BATCH_SIZE = 50


class CollectionPrepare(models.AbstractModel):
    """Between decision and departure: the text and the documents of each reminder.

    They are written right after the run, so that people can read, edit, approve or withdraw
    them before they leave.
    """

    _name = "collection.prepare"
    _description = "Prepare Collection Reminders"

    @api.model
    def _prepare_waiting(self, company):
        """Prepare what a run created, batch by batch; it can be interrupted and goes on.

        :return: False when the time of the job is over
        """
        domain = [
            ("company_id", "=", company.id),
            ("is_prepared", "=", False),
            ("state", "in", ("to_approve", "scheduled")),
        ]
        # Level by level: the documents of one level are made together.
        waiting = self.env["collection.reminder"].search(domain, order="level_id, id")
        cron = self.env["ir.cron"]
        seconds_left = cron._commit_progress(remaining=len(waiting))
        for batch in split_every(BATCH_SIZE, waiting.ids, waiting.browse):
            if not seconds_left:
                return False
            retrying(partial(self._prepare_batch, batch, domain), self.env)
            seconds_left = cron._commit_progress(len(batch))
        return True

    @api.model
    def _prepare_batch(self, reminders, domain):
        """Prepare those that nobody else has in hand: a delivery prepares what it claims."""
        self._prepare(reminders.try_lock_for_update().filtered_domain(domain))

    @api.model
    def _prepare(self, reminders):
        """Write text and attachments; a template that fails is that reminder's failure only."""
        for level, batch in reminders.grouped("level_id").items():
            try:
                with self.env.cr.savepoint():
                    self._prepare_level(level, batch)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                if len(batch) > 1:
                    for reminder in batch:
                        self._prepare(reminder)
                else:
                    _logger.warning("Reminder %s was not prepared: %s", batch.id, error)
                    failure = self.env._("It could not be written: %(error)s", error=error)
                    batch._set_state("failed", failure=failure[:500])
                    self.env["collection.evidence"]._record(batch, "failed", {"why": failure})

    @api.model
    def _prepare_level(self, level, reminders):
        self._write_texts(level, reminders)
        written = reminders.filtered(lambda reminder: reminder.channel in WITH_DOCUMENTS)
        without = self.env["collection.statement"]._attach(level, written)
        reminders.is_prepared = True
        evidence = self.env["collection.evidence"]
        evidence._record(without, "prepared", {"missing": "statement"})
        evidence._record(reminders - without, "prepared")

    @api.model
    def _write_texts(self, level, reminders):
        # What a person wrote before the template had its turn stands.
        reminders = reminders.filtered(lambda reminder: not reminder.is_edited)
        by_task = reminders.filtered(lambda reminder: reminder.channel in BY_PERSON)
        for reminder in by_task:
            lang = reminder.case_id._get_person_at_work().lang
            step = level.with_context(lang=lang)
            reminder.subject = step.name or step.env._("Call: a direct debit came back")
            reminder.body = step.env["ir.qweb"]._render(
                "account_collections.task_body", {"reminder": reminder, "level": step}
            )
        for channel, batch in (reminders - by_task).grouped("channel").items():
            getattr(self, f"_write_{channel}")(level, batch)

    @api.model
    def _write_email(self, level, reminders):
        self._write_from_template(level.template_id, reminders)

    @api.model
    def _write_from_template(self, template, reminders):
        texts = template._generate_template(reminders.ids, ("subject", "body_html"))
        for reminder in reminders:
            text = texts[reminder.id]
            reminder.write({"subject": text["subject"], "body": text["body_html"]})
