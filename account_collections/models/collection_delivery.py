import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.mail import generate_tracking_message_id
from psycopg2 import OperationalError

from ..engine import decide
from ..engine.facts import EMAIL

_logger = logging.getLogger(__name__)

#: How often a server that cannot be reached, or says 'later', is asked again.
MAX_ATTEMPTS = 3
RETRY_MINUTES = 20

#: A claim older than this whose row nobody holds belongs to a worker that died.
CLAIM_GRACE_SECONDS = 60


class NotDelivered(Exception):
    """The message certainly did not leave; ``retry`` when the next attempt may succeed.

    ``is_address_bad`` when it never will, because the server knows no such recipient.
    """

    def __init__(self, reason, retry=False, is_address_bad=False):
        super().__init__(reason)
        self.retry = retry
        self.is_address_bad = is_address_bad


class InUse(NotDelivered):
    """Somebody wrote the same rows at the same moment: nothing left, it leaves next time."""


class Uncertain(Exception):
    """The connection broke while sending: it may or may not have left."""


class CollectionDelivery(models.AbstractModel):
    """The last step: claim, ask again under lock, commit the claim, send, record.

    Exactly-once is impossible over SMTP. What is promised: a reminder is claimed and
    committed before it leaves, and one whose delivery is uncertain is shown to a person as
    unconfirmed, never sent again silently and never lost. A payment that is reconciled
    between the question and SMTP is an accepted race of milliseconds.
    """

    _name = "collection.delivery"
    _description = "Deliver Collection Reminders"

    @api.model
    def _cron_depart(self):
        """Deliver what is due in every company, within its daily cap."""
        self._find_interrupted()
        self._depart(self.env["res.company"].search([]))

    @api.model
    def _depart(self, companies):
        """Deliver what is due in ``companies``, until the time of the job is over."""
        due = self.env["collection.reminder"].union(*map(self._get_due, companies))
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for reminder in due:
            # Every commit empties the cache: the others' texts would be read again each time.
            self._deliver(reminder.with_prefetch())
            if not cron._commit_progress(1):
                return

    @api.model
    def _get_due(self, company):
        """Return the scheduled reminders whose hour has come, e-mails up to the daily cap."""
        due = Domain(
            [
                ("company_id", "=", company.id),
                ("state", "=", "scheduled"),
                ("depart_at", "<=", fields.Datetime.now()),
            ]
        )
        reminders = self.env["collection.reminder"]
        room = company._collection_room_today()
        if room is None:
            return reminders.search(due, order="amount desc, id")
        mail = Domain("channel", "=", EMAIL)
        others = reminders.search(due & ~mail, order="amount desc, id")
        if room <= 0:
            return others
        return others + reminders.search(due & mail, order="amount desc, id", limit=room)

    @api.model
    def _deliver(self, reminder):
        """Deliver one reminder; two short transactions, the claim between them.

        Explicit commits are the point: what was claimed must survive a crash while sending.
        What is wrong with one reminder is shown on it and keeps no other from leaving.
        """
        try:
            claimed = self._claim(reminder)
            self.env["ir.cron"]._commit_progress()
        except OperationalError as problem:
            self.env.cr.rollback()
            _logger.info("Reminder %s is in use, it leaves later: %s", reminder.id, problem)
            return
        except Exception as problem:
            self.env.cr.rollback()
            _logger.exception("Reminder %s could not be claimed", reminder.id)
            self._record_failure(reminder, problem)
            return
        if not claimed:
            return
        try:
            if not self._hold_claimed(reminder):
                return
            self._hand_over(reminder)
            self.env["ir.cron"]._commit_progress()
        except InUse as problem:
            self.env.cr.rollback()
            _logger.info("Reminder %s leaves later: %s", reminder.id, problem)
            self._put_back(reminder)
        except NotDelivered as problem:
            self.env.cr.rollback()
            self._record_failure(reminder, problem)
        except Uncertain as problem:
            self.env.cr.rollback()
            self._record_unconfirmed(reminder, str(problem))
        except Exception as problem:
            # Nobody knows how far it came.
            self.env.cr.rollback()
            _logger.exception("Reminder %s broke while it was sent", reminder.id)
            self._record_unconfirmed(reminder, f"{type(problem).__name__}: {problem}")

    @api.model
    def _lock(self, reminder, *states):
        """Return whether the reminder is ours until the next commit, in one of ``states``."""
        return bool(reminder.try_lock_for_update()) and reminder.state in states

    @api.model
    def _hold_claimed(self, reminder):
        """Return whether the reminder that we just claimed is still ours to send.

        Another worker may be looking at its row this very moment, only to find it taken: we
        wait for it. What somebody changed in between is no longer ours.
        """
        try:
            [(state,)] = self.env.execute_query(
                SQL("SELECT state FROM collection_reminder WHERE id = %s FOR UPDATE", reminder.id)
            )
        except OperationalError as problem:
            self.env.cr.rollback()
            _logger.info("Reminder %s was taken from us: %s", reminder.id, problem)
            return False
        return state == "sending"

    # === CLAIM === #

    @api.model
    def _claim(self, reminder):
        """Take a reminder for sending, unless another worker has it or its ground is gone."""
        if not self._lock(reminder, "scheduled"):
            return False
        if not reminder.case_id.try_lock_for_update(allow_referencing=True):
            return False
        if not reminder.is_prepared:
            self.env["collection.prepare"]._prepare(reminder)
        if reminder.state != "scheduled" or not self._ask_again(reminder):
            return False
        # A second sending keeps its Message-Id: mailboxes that have the first know it, and
        # answers to either find their way.
        own_id = generate_tracking_message_id(f"{reminder.case_id.id}-collection.case")
        reminder._set_state(
            "sending",
            claimed_at=fields.Datetime.now(),
            message_id=reminder.message_id or own_id,
        )
        self.env["collection.evidence"]._record(
            reminder, "claimed", {"message_id": reminder.message_id}
        )
        return True

    @api.model
    def _ask_again(self, reminder):
        """Take the decision anew on the facts of this minute; return whether it may leave.

        Paid, paused or stopped since: cancelled. Other amounts: written anew, or, where a
        person had edited the text, back to be approved.
        """
        case = reminder.case_id
        today = reminder.company_id._collection_today()
        facts = self.env["collection.gather"]._gather_facts(case, today)
        if not facts[case.id].live:
            reminder._cancel("not_live")
            return False
        self.env["collection.gather"]._look_before(facts, reminder)
        made = self.env["collection.run"]._decide_one(
            facts[case.id], today, self.env["collection.run"]._get_guards()
        )
        self.env["collection.probable.payment"]._note(facts, {case.id: made})
        if made.outcome != decide.REMIND or made.kind != reminder.kind:
            reminder._cancel(self._get_end_reason(reminder, made))
            return False
        if made.level and made.level.key != reminder.level_id.id:
            reminder._cancel("no_longer_called")
            return False
        # Without any channel left, a person learns of it from the failure.
        given_up = made.reason == "level_called_no_address" and not reminder.is_beside
        if reminder.channel not in made.channels and not given_up:
            reminder._cancel("other_channel")
            return False
        lines = self._get_lines(reminder, made)
        if not lines:
            reminder._cancel("no_longer_called")
            return False
        if self._is_unchanged(reminder, lines):
            return True
        return self._rewrite(reminder, lines)

    @api.model
    def _get_end_reason(self, reminder, made):
        """Return why a reminder that was decided is not called for any more."""
        answered = made.outcome in (decide.CLEAR, decide.WAIT, decide.REMIND)
        if answered and made.situation.nothing_owed and reminder.kind != decide.THANKS:
            return "paid"
        return "no_longer_called" if made.outcome == decide.REMIND else made.reason

    @api.model
    def _get_lines(self, reminder, made):
        """Return the lines of a decision that are this reminder's: of its legal entity."""
        return dict(made.parts).get(reminder.entity_id.id or None, [])

    @api.model
    def _is_unchanged(self, reminder, lines):
        currency = reminder.currency_id
        known = {item.line_id.id: item.amount for item in reminder.item_ids}
        return known.keys() == {line.claim.key for line in lines} and all(
            not currency.compare_amounts(known[line.claim.key], float(line.claim.amount))
            for line in lines
        )

    @api.model
    def _rewrite(self, reminder, lines):
        """Give the reminder today's items; return whether it may leave as it then reads."""
        reminder = reminder.sudo()
        reminder.item_ids.unlink()
        reminder.item_ids = [
            fields.Command.create(self._prepare_item_vals(line)) for line in lines
        ]
        reminder.write(
            {
                "amount": sum(float(line.claim.amount) for line in lines),
                "item_count": len(lines),
            }
        )
        self.env["collection.evidence"]._record(reminder, "rewritten")
        if reminder.is_edited:
            failure = self.env._("The amounts changed after a person edited the text.")
            reminder._set_state("to_approve", failure=failure)
            return False
        # What left with an earlier sending is its proof.
        (reminder.attachment_ids - reminder.mail_message_id.attachment_ids).unlink()
        reminder.attachment_ids = [fields.Command.clear()]
        self.env["collection.prepare"]._prepare(reminder)
        return reminder.state not in ("failed", "to_approve")

    @api.model
    def _prepare_item_vals(self, line):
        claim = line.claim
        currency = self.env["res.currency"].browse(claim.item.currency)
        return {
            "line_id": claim.key,
            "move_id": claim.item.move,
            "move_name": self.env["account.move"].browse(claim.item.move).name,
            "date_due": claim.due,
            "currency_id": currency.id,
            "amount_currency": currency.round(float(claim.amount_currency)),
            "amount": float(claim.amount),
            "rank": line.rank,
            "date_paid": claim.item.paid_on,
            "disputed_currency": float(claim.item.disputed_currency),
        }

    # === HAND OVER === #

    @api.model
    def _hand_over(self, reminder):
        """Give the reminder to its channel; other channels hang on here."""
        getattr(self, f"_hand_over_{reminder.channel}")(reminder)

    @api.model
    def _hand_over_task(self, reminder):
        """A person takes over: an activity of whoever the level says; done, it went out."""
        case = reminder.case_id
        # A level may have been deleted since.
        level = reminder.level_id
        worker = level._get_worker(case) if level else case._get_person_at_work()
        activity = case.activity_schedule(
            "mail.mail_activity_data_todo",
            reminder.company_id._collection_today(),
            summary=reminder.subject,
            note=reminder.body,
            user_id=worker.id,
        )
        reminder._set_state("to_do", activity_id=activity.id)

    # === OUTCOMES === #

    @api.model
    def _put_back(self, reminder):
        """Give up a claim of which nothing came: the next round takes it again."""
        if self._lock(reminder, "sending"):
            reminder._set_state("scheduled")
            self.env["ir.cron"]._commit_progress()

    @api.model
    def _record_failure(self, reminder, problem):
        """Try again later where that may help, else give it to a person.

        :param Exception problem: a :class:`NotDelivered`, or what broke the claim
        """
        if not self._lock(reminder, "scheduled", "sending"):
            return
        attempts = reminder.attempts + 1
        values = {"attempts": attempts, "failure": str(problem)[:500]}
        if getattr(problem, "retry", False) and attempts < MAX_ATTEMPTS:
            later = fields.Datetime.add(fields.Datetime.now(), minutes=RETRY_MINUTES)
            reminder._set_state("scheduled", depart_at=later, **values)
        else:
            reminder._set_state("failed", **values)
            reminder.case_id._message_log(
                body=self.env._(
                    "The reminder “%(subject)s” could not be delivered: %(why)s",
                    subject=reminder.subject,
                    why=problem,
                )
            )
        self.env["collection.evidence"]._record(reminder, "failed", {"why": str(problem)[:500]})
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _record_unconfirmed(self, reminder, why):
        if not self._lock(reminder, "sending"):
            return
        reminder._set_state("unconfirmed", failure=why[:500])
        self.env["collection.evidence"]._record(
            reminder,
            "unconfirmed",
            {
                "message_id": reminder.message_id,
                "why": why[:500],
                # What may have arrived: no message of ours keeps it.
                "to": reminder.email,
                "subject": reminder.subject,
                "body": reminder.body,
            },
        )
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _find_interrupted(self):
        """Show what a dead worker left between claim and outcome: nobody knows whether it left.

        A living worker holds the lock of the row that it is sending.
        """
        limit = fields.Datetime.subtract(fields.Datetime.now(), seconds=self._get_claim_grace())
        claimed = self.env["collection.reminder"].search(
            [("state", "=", "sending"), ("claimed_at", "<", limit)]
        )
        why = self.env._("The worker stopped while it was sending.")
        for reminder in claimed:
            try:
                self._record_unconfirmed(reminder, why)
            except OperationalError as problem:
                self.env.cr.rollback()
                _logger.info("Another worker found reminder %s: %s", reminder.id, problem)

    @api.model
    def _get_claim_grace(self):
        """Return the seconds after which a claim that nobody holds is an interruption."""
        parameter = self.env["ir.config_parameter"].sudo()
        return int(
            parameter.get_param("account_collections.claim_grace_seconds", CLAIM_GRACE_SECONDS)
        )
