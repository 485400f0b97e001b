import logging

from odoo import Command, api, fields, models
from odoo.tools import SQL, split_every

_logger = logging.getLogger(__name__)

#: Cases erased, and committed, together.
BATCH_SIZE = 100

#: Stages in which data is kept for a legal claim, even when nothing is open.
CLAIM_STATES = ("insolvency", "legal")

#: Documents of ours; those of accounting stay where they are.
OUR_DOCUMENTS = ("collection.case", "collection.reminder")

TERM, PERSON = "term", "person"


class CollectionErasure(models.AbstractModel):
    """Takes names, addresses and texts away from cases, and leaves their evidence verifiable.

    Of an event the personal facts go with their salts; their digests stay, and with them the
    seal. Each erasure is an event of its own that lists the events it emptied: personal data
    that disappears without one is shown by the verification.
    """

    _name = "collection.erasure"
    _description = "Erase Personal Data of Collection Cases"

    # === WHAT HAS PASSED ITS TERM === #

    @api.model
    def _cron_erase(self):
        """Erase what has passed its term, in the companies that activated it."""
        for company in self.env["res.company"].search([("collection_retention", "=", True)]):
            try:
                if not self._erase_due(company):
                    return
            except Exception:
                # What is wrong in one company keeps no other from its duty.
                self.env.cr.rollback()
                _logger.exception("Nothing was erased in %s", company.name)

    @api.model
    def _erase_due(self, company):
        """Erase batch by batch.

        :return: False when the time of the job is over
        """
        due = self._get_due(company)
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for batch in split_every(BATCH_SIZE, due, self.env["collection.case"].browse):
            # Somebody works on it: tomorrow is early enough.
            free = batch.try_lock_for_update(allow_referencing=True)
            self._erase_cases(free, TERM)
            if not cron._commit_progress(len(batch)):
                return False
        return True

    @api.model
    def _get_due(self, company, years=None):
        """Return the ids of the cases whose term has passed: {case id: last day}, oldest first.

        The term runs from the last day on which an item was posted or settled, or something
        happened on the case. A case with open items, or in a legal stage, has no end.

        :param int years: the term; that of the company when not given
        """
        self.env.flush_all()
        today = company._collection_today()
        limit = fields.Date.subtract(
            today, years=company.collection_retention_years if years is None else years
        )
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT cases.id, GREATEST(items.day, events.day, cases.create_date::date) AS day
                      FROM collection_case cases, LATERAL (%s) items, LATERAL (
                           SELECT MAX(happened_at)::date AS day
                             FROM collection_evidence evidence
                            WHERE evidence.case_id = cases.id AND event <> 'erased') events
                     WHERE cases.company_id = %s AND cases.create_date < %s
                       AND cases.state NOT IN %s AND items.still_open IS NOT TRUE
                       AND GREATEST(items.day, events.day, cases.create_date::date) < %s
                       AND (cases.erased_at IS NULL OR cases.erased_at::date
                            <= GREATEST(items.day, events.day))
                     ORDER BY day, cases.id
                    """,
                    self._items_sql(),
                    company.id,
                    limit,
                    CLAIM_STATES,
                    limit,
                )
            )
        )

    @api.model
    def _items_sql(self):
        """Return the SELECT of what the ledger says of ``cases``: still open, and its last day."""
        return SQL(
            """
            SELECT bool_or(line.reconciled IS NOT TRUE) AS still_open,
                   MAX(GREATEST(line.date, settled.day)) AS day
              FROM account_move_line line
              JOIN account_account account
                ON account.id = line.account_id AND account.account_type = 'asset_receivable',
                   LATERAL (
                   SELECT MAX(partial.max_date) AS day
                     FROM account_partial_reconcile partial
                    WHERE line.id IN (partial.debit_move_id, partial.credit_move_id)) settled
             WHERE line.company_id = cases.company_id AND line.parent_state = 'posted'
               AND line.partner_id IN (
                   SELECT debtor.partner_id FROM collection_debtor debtor
                    WHERE debtor.case_id = cases.id
                    UNION
                   SELECT family.id FROM res_partner family
                    WHERE family.commercial_partner_id = cases.partner_id)
            """
        )

    # === ERASE === #

    @api.model
    def _erase_cases(self, cases, ground):
        """Empty all that cases keep of persons; accounting documents are untouched.

        :param str ground: 'term' or 'person', for the record
        """
        # The job and an administrator's wizard erase for everybody, whoever wrote it.
        cases = cases.sudo().with_context(active_test=False)
        messages = cases.env["mail.message"].search(
            [("model", "=", cases._name), ("res_id", "in", cases.ids)]
        )
        self._empty(SQL("case_id = ANY(%s)", cases.ids), cases.reminder_ids, messages, ground)
        cases.hold_ids.note = False
        cases.activity_ids.write({"note": False, "summary": False})
        # Those of messages are gone by now; these somebody filed, as a remittance advice.
        cases._get_documents().unlink()
        strangers = cases.message_partner_ids.filtered("partner_share")
        cases.message_unsubscribe(strangers.ids)
        cases.erased_at = fields.Datetime.now()

    @api.model
    def _empty(self, condition, reminders, messages, ground):
        """Empty events, reminders and messages.

        :param condition: SQL on ``collection_evidence``, which events
        """
        self._empty_events(condition, ground)
        self._empty_reminders(reminders)
        self._empty_messages(messages | reminders.mail_message_id)

    @api.model
    def _empty_events(self, condition, ground):
        """Take personal facts and all salts; record for each case which events they were of."""
        self.env.flush_all()
        emptied = self.env.execute_query(
            SQL(
                """
                UPDATE collection_evidence
                   SET salts = '{}',
                       facts = facts - COALESCE((
                           SELECT array_agg(substr(name, 6))
                             FROM jsonb_object_keys(digests) name
                            WHERE name LIKE 'fact.%%'), '{}')
                 WHERE %s AND salts <> '{}'
             RETURNING case_id, id
                """,
                condition,
            )
        )
        self.env["collection.evidence"].invalidate_model()
        by_case = {}
        for case, event in emptied:
            by_case.setdefault(case, []).append(event)
        for case, events in by_case.items():
            self.env["collection.evidence"]._record(
                self.env["collection.case"].browse(case),
                "erased",
                {"ground": ground, "events": sorted(events)},
            )

    @api.model
    def _empty_reminders(self, reminders):
        """Which items, when and how much stays; to whom and in which words goes."""
        reminders = reminders.sudo()
        documents = reminders.attachment_ids.filtered(lambda one: one.res_model in OUR_DOCUMENTS)
        reminders.write(self._prepare_empty_reminder_vals())
        documents.unlink()

    @api.model
    def _prepare_empty_reminder_vals(self):
        """Return what an erased reminder says; parts with texts of their own add them."""
        return {
            "subject": self.env._("Erased"),
            "body": False,
            "recipient_id": False,
            "failure": False,
            "attachment_ids": [Command.clear()],
        }

    @api.model
    def _empty_messages(self, messages):
        messages = messages.sudo()
        mails = self.env["mail.mail"].sudo().search([("mail_message_id", "in", messages.ids)])
        mails.write(
            {
                "body_html": False,
                "email_to": False,
                "email_cc": False,
                "headers": False,
                "failure_reason": False,
                "recipient_ids": [Command.clear()],
            }
        )
        documents = messages.attachment_ids.filtered(lambda one: one.res_model in OUR_DOCUMENTS)
        messages.notification_ids.unlink()
        # What a tracked text said before, and says now.
        messages.tracking_value_ids.unlink()
        messages.filtered(lambda message: message.author_id.partner_share).author_id = False
        messages.write(
            {
                "subject": False,
                "body": False,
                "email_from": False,
                "reply_to": False,
                "incoming_email_to": False,
                "incoming_email_cc": False,
                "outgoing_email_to": False,
                "partner_ids": [Command.clear()],
                "attachment_ids": [Command.clear()],
            }
        )
        documents.unlink()

    @api.model
    def _empty_chatter(self, records):
        self._empty_messages(
            records.env["mail.message"].search(
                [("model", "=", records._name), ("res_id", "in", records.ids)]
            )
        )
