from odoo import api, fields, models
from odoo.tools import format_datetime, html2plaintext

from ..engine.facts import CALL

#: Exchanges that a caller has before their eyes.
LAST_EXCHANGES = 3

#: Characters of each of them.
EXCERPT = 200


class CollectionReminder(models.Model):
    """A reminder by telephone: an activity of the owner, to do until a result is given."""

    _inherit = "collection.reminder"

    call_zones = fields.Char(
        readonly=True, copy=False, help="Time zones in which the telephone may ring."
    )
    call_after = fields.Datetime(
        string="Call Not Before", readonly=True, copy=False, help="As agreed, or after no answer."
    )
    call_ids = fields.One2many("collection.call", "reminder_id", string="Calls")
    call_sheet = fields.Html(compute="_compute_call_sheet", sanitize=False)

    @api.depends_context("lang", "tz")
    @api.depends("case_id", "level_id.recipient_role", "call_after")
    def _compute_call_sheet(self):
        for reminder in self:
            reminder.call_sheet = reminder.channel == CALL and self.env["ir.qweb"]._render(
                "account_collections.call_sheet", reminder._get_call_sheet()
            )

    def _get_call_sheet(self):
        """Return what a caller needs at hand, as values of the template."""
        self.ensure_one()
        return self.case_id._get_call_sheet(self._get_call_role(), self.call_after)

    def _get_call_role(self):
        """Return whom it addresses, by role."""
        return self.level_id.recipient_role or "invoice"

    def _get_last_exchanges(self):
        """Return the last exchanges with the customer, for scripts."""
        return self.case_id._get_last_exchanges()

    def _plan_call(self, day, summary, after=None):
        """Give the call to whoever is at work, as an activity in place of the last one.

        :param date day: day on which it is to be made
        :param after: naive UTC, not before this moment
        """
        self.ensure_one()
        case = self.case_id
        worker = case._get_person_at_work()
        activity = case.with_context(lang=worker.lang).activity_schedule(
            "mail.mail_activity_data_call",
            day,
            summary=summary,
            note=self.body,
            user_id=worker.id,
        )
        phones = self.env["collection.phone"]
        numbers = case._get_call_numbers(self._get_call_role())
        first = next((number for _contact, number in numbers if number.link), None)
        # These are protected fields: only deliveries and results of calls write them.
        self.sudo().write(
            {
                "activity_id": activity.id,
                "call_after": after,
                "call_zones": ",".join(phones._get_zones(case, first)),
            }
        )

    def action_call_result(self):
        """Open the form in which the result of a call is noted."""
        self.ensure_one()
        return self.case_id._open_call_note(default_reminder_id=self.id)


class CollectionCase(models.Model):
    _inherit = "collection.case"

    call_ids = fields.One2many("collection.call", "case_id", string="Calls")

    def _get_open_call(self):
        """Return the call that the scenario asks for and nobody has made yet."""
        self.ensure_one()
        return self.reminder_ids.filtered(
            lambda reminder: reminder.channel == CALL and reminder.state == "to_do"
        )[:1]

    def _get_call_numbers(self, role):
        """Return pairs (contact, number) to call, the best first."""
        self.ensure_one()
        phones = self.env["collection.phone"]
        return [
            (contact, phones._get_number(contact)) for contact in phones._get_contacts(self, role)
        ]

    def _get_call_sheet(self, role, after=None):
        """Return whom to call at which number, when, and what was last said.

        :param role: role of the recipient
        :param after: naive UTC, not before this moment
        """
        self.ensure_one()
        phones = self.env["collection.phone"]
        rows = []
        for contact, number in self._get_call_numbers(role):
            zones = phones._get_zones(self, number)
            rows.append(
                {
                    "contact": contact,
                    "number": number,
                    "problem": number.problem and phones._get_problem_label(number.problem),
                    "now": number.link and self._may_call_now(zones, after),
                    "when": number.link and self._explain_call_window(zones, after),
                }
            )
        return {
            "case": self,
            "rows": rows,
            "callable": any(row["number"].link for row in rows),
            "exchanges": self._get_last_exchanges(),
        }

    def _may_call_now(self, zones, after=None):
        if after and after > fields.Datetime.now():
            return False
        return self.company_id._collection_may_call(zones)

    def _explain_call_window(self, zones, after=None):
        """Return 'Now', or when debtors in these time zones may be called, here and there."""
        if self._may_call_now(zones, after):
            return self.env._("Now")
        moment = self.company_id._collection_next_call(
            zones, max(after or fields.Datetime.now(), fields.Datetime.now())
        )
        if not moment:
            return self.env._("No hour suits all its time zones: choose one with care.")
        here = format_datetime(self.env, moment, dt_format="short")
        there = format_datetime(self.env, moment, tz=zones[0], dt_format="short")
        if here == there:
            return self.env._("From %(here)s", here=here)
        return self.env._(
            "From %(here)s (%(there)s in %(zone)s)", here=here, there=there, zone=zones[0]
        )

    def _get_last_exchanges(self):
        """Return the last exchanges: dicts (date, author, text), the newest first."""
        self.ensure_one()
        messages = self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "in", ("email", "comment")),
            ],
            order="id desc",
            limit=LAST_EXCHANGES,
        )
        return [
            {
                "date": message.date,
                "author": message.author_id.name or message.email_from or "",
                "text": _excerpt(message),
            }
            for message in messages
        ]

    def action_note_call(self):
        """Note a call that was made, or one that came in."""
        self.ensure_one()
        return self._open_call_note()

    def _open_call_note(self, **context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Call: %(debtor)s", debtor=self.display_name),
            "res_model": "collection.call.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id, **context},
        }

    @api.model
    def _get_case_references(self):
        return [*super()._get_case_references(), ("collection_call", "case_id")]


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=[("called", "Call")], ondelete={"called": "cascade"}
    )


class ResPartner(models.Model):
    _inherit = "res.partner"

    collection_wrong_phone = fields.Char(
        string="Wrong Number",
        readonly=True,
        copy=False,
        help="A caller found this number to be wrong; it is not dialled until it changes.",
    )


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def action_collection_call_result(self):
        """Open the form in which the result of a planned call is noted."""
        self.ensure_one()
        case = self.env["collection.case"].browse(self.res_id)
        reminder = case.reminder_ids.filtered(lambda one: one.activity_id == self)
        return case._open_call_note(
            default_activity_id=self.id, default_reminder_id=reminder.id
        )


def _excerpt(message):
    text = " ".join(html2plaintext(message.body or "", include_references=False).split())
    text = " · ".join(part for part in (message.subject, text) if part)
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"
