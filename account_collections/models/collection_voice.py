from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..engine import decide
from ..engine.decide import Decision, Line
from ..engine.facts import BY_PERSON, EMAIL, OVERDUE
from ..engine.voice import SALESPERSON
from .collection_ledger import id_array

VOICE = "voice"

#: Default of a firm level, in working days.
DEFAULT_DAYS = 3
FIRM_TONES = ("firm", "formal")


class CollectionLevel(models.Model):
    _inherit = "collection.level"

    voice_days = fields.Integer(
        string="Tell the Salesperson",
        help="Working days before the level that the customer's salesperson is told by mail. By "
        "answering it they ask once for a pause; silence sends. 0: nobody is told. A new level "
        "tells them three days before, where it is firm.",
    )

    _voice_days_positive = models.Constraint(
        "CHECK (voice_days >= 0)", "The salesperson cannot be told after the level."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """A new level that is firm tells the salesperson, unless it says otherwise."""
        levels = super().create(vals_list)
        for level, vals in zip(levels, vals_list):
            if "voice_days" not in vals:
                level.voice_days = level._get_default_voice_days()
        return levels

    @api.onchange("tone", "trigger", "channel", "recipient_role")
    def _onchange_voice_days(self):
        """A level that is being written shows what it would do; one that exists stays."""
        if not self._origin:
            self.voice_days = self._get_default_voice_days()

    def _get_default_voice_days(self):
        self.ensure_one()
        to_customer = self.channel not in BY_PERSON and self.recipient_role != SALESPERSON
        firm = self.tone in FIRM_TONES and self.trigger == OVERDUE
        return DEFAULT_DAYS if firm and to_customer else 0

    def _get_facts(self):
        return replace(super()._get_facts(), voice_days=self.voice_days)


class CollectionGather(models.AbstractModel):
    _inherit = "collection.gather"

    @api.model
    def _gather_facts(self, cases, today):
        """Say which levels were announced to the salesperson and have not left since."""
        facts = super()._gather_facts(cases, today)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT voice.case_id, voice.level_id, MAX(voice.announced_on)
                  FROM collection_reminder voice
                 WHERE voice.case_id = ANY(%s) AND voice.kind = %s
                   AND voice.state NOT IN ('withdrawn', 'cancelled')
                   AND NOT EXISTS (
                       SELECT FROM collection_reminder gone
                        WHERE gone.case_id = voice.case_id AND gone.level_id = voice.level_id
                          AND gone.kind <> voice.kind AND gone.state IN ('sent', 'to_do')
                          AND gone.decision_date >= voice.decision_date)
              GROUP BY voice.case_id, voice.level_id
                """,
                id_array(cases.ids),
                VOICE,
            )
        )
        for case, level, day in rows:
            facts[case].announced[level] = day
        return facts


class CollectionApply(models.AbstractModel):
    _inherit = "collection.apply"

    @api.model
    def _apply(self, facts, decisions, today):
        created = super()._apply(facts, decisions, today)
        return [*created, *self._create_voices(facts, decisions, today)]

    def _create_voices(self, facts, decisions, today):
        """Create what tells the salespeople: reminders that take no item to any level."""
        voices = {case: made.voice for case, made in decisions.items() if made.voice}
        created = self._create_reminders(
            facts, {case: _to_decision(voice) for case, voice in voices.items()}, today
        )
        # Announced with the decision: only runs write it.
        for reminder in self.env["collection.reminder"].sudo().browse(created):
            reminder.announced_on = voices[reminder.case_id.id].day
        return created


class CollectionReminder(models.Model):
    """A mail to the salesperson is a reminder of its own kind: claimed, sent once, proved."""

    _inherit = "collection.reminder"

    kind = fields.Selection(
        selection_add=[(VOICE, "Salesperson told")], ondelete={VOICE: "cascade"}
    )
    announced_on = fields.Date(
        string="Announced for",
        readonly=True,
        copy=False,
        help="The day that the salesperson was told: the level does not leave before.",
    )
    voice_hold_id = fields.Many2one(
        "collection.hold",
        string="Pause Asked for",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    _voices = models.Index("(case_id) WHERE kind = 'voice'")

    def _is_to_colleague(self):
        """Return whether one of us reads it, and not the customer."""
        self.ensure_one()
        return self.kind == VOICE or self.level_id.recipient_role == SALESPERSON

    def _get_copied(self):
        """The salesperson gets no copy of what tells them."""
        if self.kind == VOICE:
            return self.env["res.users"]
        return super()._get_copied()


class CollectionPrepare(models.AbstractModel):
    _inherit = "collection.prepare"

    @api.model
    def _prepare_level(self, level, reminders):
        """What the salesperson is told has everything in its text and no documents."""
        voices = reminders.filtered(lambda reminder: reminder.kind == VOICE)
        if reminders - voices:
            super()._prepare_level(level, reminders - voices)
        for reminder in voices.filtered(lambda reminder: not reminder.is_edited):
            reminder = reminder.with_context(lang=reminder.lang)
            reminder.write(
                {
                    "subject": reminder.env._(
                        "%(debtor)s: %(level)s leaves on %(day)s",
                        debtor=reminder.debtor_id.name,
                        level=level.with_context(lang=reminder.lang).name,
                        day=format_date(reminder.env, reminder.announced_on),
                    ),
                    "body": reminder.env["ir.qweb"]._render(
                        "account_collections.voice_body",
                        {"object": reminder, "level": level.with_context(lang=reminder.lang)},
                    ),
                }
            )
        voices.is_prepared = True
        self.env["collection.evidence"]._record(voices, "prepared")


class CollectionDelivery(models.AbstractModel):
    _inherit = "collection.delivery"

    @api.model
    def _ask_again(self, reminder):
        if reminder.kind == VOICE:
            return self._ask_voice_again(reminder)
        return super()._ask_again(reminder)

    @api.model
    def _ask_voice_again(self, reminder):
        """Look whether the level is still about to leave, and name the day as of today."""
        case, level = reminder.case_id, reminder.level_id
        today = reminder.company_id._collection_today()
        facts = self.env["collection.gather"]._gather_facts(case, today)
        fact = facts[case.id]
        if not fact.live:
            reminder._cancel("not_live")
            return False
        # It is itself the announcement, and the pending one.
        fact.announced.pop(level.id, None)
        fact.pending = None
        made = self.env["collection.run"]._decide_one(
            fact, today, self.env["collection.run"]._get_guards()
        )
        if not made.voice or made.voice.level.key != level.id:
            reminder._cancel("paid" if made.outcome == decide.CLEAR else "no_longer_called")
            return False
        lines = _to_decision(made.voice).lines
        if reminder.announced_on == made.voice.day and self._is_unchanged(reminder, lines):
            return True
        reminder.sudo().announced_on = made.voice.day
        return self._rewrite(reminder, lines)

    @api.model
    def _get_allowed_moment(self, reminder, moment):
        """A colleague's hours are ours, not the debtor's."""
        if reminder.kind == VOICE:
            return moment
        return super()._get_allowed_moment(reminder, moment)

    @api.model
    def _prepare_post(self, reminder):
        """What is told to a colleague is no message to the customer, and it is a mail."""
        values = super()._prepare_post(reminder)
        if reminder.kind == VOICE:
            values |= {
                "subtype_xmlid": "mail.mt_note",
                "notify_author_mention": True,
                "notify_by_email": True,
            }
        return values


def _to_decision(voice):
    """Return the decision that creates what tells a salesperson: one mail, no approval, no rank."""
    level = replace(voice.level, role=SALESPERSON, approval=False, formal_notice=False)
    return Decision(
        decide.REMIND,
        "salesperson_told",
        None,
        kind=VOICE,
        level=level,
        channel=EMAIL,
        lines=[Line(claim, 0) for claim in voice.claims],
    )
