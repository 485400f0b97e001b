from lxml import html
from odoo import api, fields, models
from odoo.tools import html2plaintext
from odoo.tools.mail import email_normalize, unfold_references

from .collection_voice import VOICE

#: Characters of an answer that are kept as the reason of the pause.
REASON_LENGTH = 500


class CollectionHold(models.Model):
    _inherit = "collection.hold"

    reason = fields.Selection(
        selection_add=[("salesperson", "Asked for by the salesperson")],
        ondelete={"salesperson": "set other"},
    )


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=[
            ("voice_heard", "The salesperson asked for a pause"),
            ("voice_refused", "A second pause was refused"),
        ],
        ondelete={"voice_heard": "cascade", "voice_refused": "cascade"},
    )


class CollectionReminder(models.Model):
    """The salesperson's answer to what they were told."""

    _inherit = "collection.reminder"

    def _hear(self, message):
        """The salesperson answered: they ask for a pause, once before the level leaves."""
        self.ensure_one()
        refusal = self._why_no_pause()
        if refusal:
            self.env["collection.evidence"]._record(
                self, "voice_refused", {"reason": refusal}, message=message
            )
            self._answer_salesperson(message, refusal=refusal)
            return
        reason = _own_words(message.body)
        hold = self._pause_for_salesperson(reason)
        # It is kept with the round, so that it is granted once.
        self.sudo().voice_hold_id = hold
        self.env["collection.evidence"]._record(
            self,
            "voice_heard",
            {"until": fields.Date.to_string(hold.date_end), "why": reason},
            message=message,
        )
        self._answer_salesperson(message, hold=hold)

    def _why_no_pause(self):
        """Return why a pause is refused: 'off', 'gone' or 'asked'; nothing when it is granted."""
        self.ensure_one()
        company, case = self.company_id, self.case_id
        if not company.collection_voice_pause_days:
            return "off"
        facts = self.env["collection.gather"]._gather_facts(case, company._collection_today())
        if self.level_id.id not in facts[case.id].announced:
            return "gone"
        asked = self.search_count(
            [
                ("case_id", "=", case.id),
                ("level_id", "=", self.level_id.id),
                ("voice_hold_id", "!=", False),
                ("decision_date", ">", self._get_last_departure()),
            ],
            limit=1,
        )
        return "asked" if asked else None

    def _get_last_departure(self):
        """Return the day on which the level last left for this case."""
        gone = self.search(
            [
                ("case_id", "=", self.case_id.id),
                ("level_id", "=", self.level_id.id),
                ("kind", "!=", VOICE),
                ("state", "in", ("sent", "to_do")),
            ],
            order="decision_date desc",
            limit=1,
        )
        return gone.decision_date or fields.Date.to_date("1900-01-01")

    def _pause_for_salesperson(self, reason):
        """Hold the case, so that the level leaves so many days later than it would have."""
        company = self.company_id
        today = company._collection_today()
        days, longest = company.collection_voice_pause_days, company.collection_max_pause_days
        end = fields.Date.add(max(self.announced_on, today), days=days - 1)
        if longest:
            end = min(end, fields.Date.add(today, days=longest))
        # The salesperson has no rights here: the mail that they answered is their right to ask.
        return self.env["collection.hold"].sudo().create(
            {
                "case_id": self.case_id.id,
                "reason": "salesperson",
                "note": f"{self.recipient_id.name}: {reason}",
                "user_id": self.case_id._get_person_at_work().id,
                "date_start": today,
                "date_end": end,
            }
        )

    def _answer_salesperson(self, message, hold=None, refusal=None):
        """Say by mail what became of the request; it is an automatic answer, and says so."""
        self.ensure_one()
        case = self.case_id.with_context(lang=self.lang)
        responsible = case._get_responsible()
        body = case.env["ir.qweb"]._render(
            "account_collections.voice_answer",
            {"reminder": self.with_context(lang=self.lang), "hold": hold, "refusal": refusal},
        )
        case.message_post(
            body=body,
            subject=f"Re: {self.subject}",  # pylint: disable=translation-required
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            author_id=responsible.partner_id.id,
            email_from=self.company_id._collection_sender(responsible),
            partner_ids=self.recipient_id.ids,
            email_layout_xmlid="account_collections.mail_layout",
            email_add_signature=False,
            notify_skip_followers=True,
            notify_author_mention=True,
            notify_by_email=True,
            mail_headers={
                "Auto-Submitted": "auto-replied",
                "X-Auto-Response-Suppress": "All",
                "In-Reply-To": message.message_id,
            },
        )


class CollectionCase(models.Model):
    _inherit = "collection.case"

    def _is_ours(self, message):
        """The salesperson is one of us, whichever partner their address was found with."""
        address = email_normalize(message.email_from)
        return super()._is_ours(message) or (
            address and address == self.salesperson_id.email_normalized
        )

    def _hear_colleague(self, message, mail):
        """An answer of the salesperson to what they were told is a request."""
        super()._hear_colleague(message, mail)
        references = f"{mail.get('In-Reply-To', '')} {mail.get('References', '')}"
        told = self.env["collection.reminder"].search(
            [
                ("case_id", "=", self.id),
                ("kind", "=", VOICE),
                ("message_id", "in", unfold_references(references)),
            ],
            order="id desc",
            limit=1,
        )
        sender = email_normalize(message.email_from)
        if told and sender and sender == told.recipient_id.email_normalized:
            told._hear(message)

    # EXTENDS 'mail'
    @api.model
    def _get_notify_valid_parameters(self):
        return super()._get_notify_valid_parameters() | {"notify_by_email"}

    # EXTENDS 'mail'
    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Who may answer by mail gets a mail, though they read their notifications in Odoo."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if kwargs.get("notify_by_email"):
            for recipient in recipients:
                recipient["notif"] = "email"
        return recipients


def _own_words(body):
    """Return the text of an answer without what it quotes."""
    tree = html.fragment_fromstring(body or "", create_parent="div")
    for quote in tree.xpath("//*[@data-o-mail-quote]"):
        quote.drop_tree()
    text = html2plaintext(html.tostring(tree, encoding="unicode"), include_references=False)
    return " ".join(text.split())[:REASON_LENGTH]
