import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine import chain

#: Texts among the facts that tell nothing of a person; all other texts are personal.
PUBLIC_FACTS = frozenset({"channel", "ground", "kind", "message_id", "missing", "reason"})

#: With these events a message has reached its final form: its content is proved with them.
FINAL_EVENTS = ("sent", "said_sent")


class CollectionEvidence(models.Model):
    """What happened, when, by which channel: rows are added, never changed.

    An event has *facts*. Those that may tell something of a person (every text that is not in
    :meth:`_get_public_facts`) have a salted digest each, and so does every part of the message
    that an event proves: these are named by where they stand, as ``message.12.body`` or
    ``attachment.7``. Numbers, digests and public facts are sealed by the chain of the company
    (:class:`CollectionChain`), shortly after the event; nothing is locked while sending.
    """

    _name = "collection.evidence"
    _description = "Collection Evidence"
    _order = "id desc"
    _log_access = False

    case_id = fields.Many2one("collection.case", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(
        related="case_id.company_id", store=True, precompute=True, readonly=True
    )
    reminder_id = fields.Many2one(
        "collection.reminder", ondelete="restrict", index="btree_not_null"
    )
    event = fields.Selection(
        [
            ("prepared", "Prepared"),
            ("approved", "Approved"),
            ("unapproved", "Approval taken back"),
            ("claimed", "Leaving"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("unconfirmed", "Unconfirmed"),
            ("rewritten", "Rewritten"),
            ("withdrawn", "Withdrawn"),
            ("cancelled", "Cancelled"),
            ("said_sent", "Said to have gone out"),
            ("resent", "Sent again"),
            ("answered", "Answered"),
            ("auto_reply", "Answered automatically"),
            ("merged", "Case merged"),
            ("erased", "Personal data erased"),
        ],
        required=True,
        readonly=True,
    )
    happened_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    facts = fields.Json(readonly=True)
    facts_html = fields.Html(string="Facts to Read", compute="_compute_facts_html", sanitize=False)

    digests = fields.Json(readonly=True, help="Salted digest of each personal value, by name.")
    salts = fields.Json(readonly=True, help="Erased together with the value.")
    sequence = fields.Integer(
        string="Number", readonly=True, help="Place in the chain; none until it is sealed."
    )
    sealed_at = fields.Datetime(readonly=True)
    payload = fields.Text(readonly=True, help="What was sealed, as one canonical text.")
    seal = fields.Char(readonly=True, help="SHA-256 of the seal before and the digest of this.")

    _unsealed = models.Index("(company_id, id) WHERE sequence IS NULL")
    _sequence_unique = models.UniqueIndex("(company_id, sequence) WHERE sequence IS NOT NULL")

    @api.depends("sequence", "event")
    def _compute_display_name(self):
        labels = dict(self._fields["event"]._description_selection(self.env))
        for evidence in self:
            number = f"{evidence.sequence} – " if evidence.sequence else ""
            evidence.display_name = f"{number}{labels.get(evidence.event, evidence.event)}"

    @api.depends_context("lang")
    @api.depends("facts")
    def _compute_facts_html(self):
        for evidence in self:
            evidence.facts_html = bool(evidence.facts) and self.env["ir.qweb"]._render(
                "account_collections.evidence_facts",
                {"rows": self.env["collection.wording"]._read_out(evidence.facts)},
            )

    # === RECORD === #

    @api.model
    def _record(self, records, event, facts=None, message=None):
        """Add one event for each record, a case or a reminder.

        :param dict facts: what is worth proving; what identifies the holder of a link is
            left out of its texts
        :param message: the ``mail.message`` that the event is about; a reminder that has gone
            out brings its own
        """
        is_case = records._name == "collection.case"
        records = records.sudo()
        parts = {
            record: {**(facts or {}), **self._get_final_facts(record, event)}
            for record in records
        }
        names = self._get_content_names(records, event, message)
        contents = self.env["collection.evidence.content"]._read(
            {name for some in names.values() for name in some}
        )
        # Evidence is written on behalf of whoever acts; nobody holds the right to write it.
        return self.sudo().create(
            [
                {
                    "case_id": record.id if is_case else record.case_id.id,
                    "reminder_id": False if is_case else record.id,
                    "event": event,
                    "user_id": self.env.uid,
                    **self._prepare_proof(
                        parts[record],
                        {name: contents[name] for name in names[record] if name in contents},
                    ),
                }
                for record in records
            ]
        )

    @api.model
    def _get_public_facts(self):
        """Return the keys of facts whose texts tell nothing of a person; add-ons add theirs."""
        return PUBLIC_FACTS

    @api.model
    def _get_final_facts(self, record, event):
        """Return what is worth proving of every message that has gone out."""
        if event not in FINAL_EVENTS or record._name != "collection.reminder":
            return {}
        facts = {"channel": record.channel}
        if record.recipient_id:
            facts["recipient"] = record.recipient_id.name
        return facts

    @api.model
    def _get_content_names(self, records, event, message=None):
        """Return {record: names of the contents that its event proves}."""
        content = self.env["collection.evidence.content"]
        if message:
            return dict.fromkeys(records, content._get_names(message))
        if event not in FINAL_EVENTS or records._name != "collection.reminder":
            return dict.fromkeys(records, ())
        return {
            reminder: content._get_names(reminder.mail_message_id, reminder)
            for reminder in records
        }

    @api.model
    def _prepare_proof(self, facts, contents):
        """Return the values of facts, digests and salts of an event.

        :param contents: {name: value} of the parts of a message
        """
        facts = chain.mask_tokens(facts)
        public = self._get_public_facts()
        values = {
            f"fact.{key}": value
            for key, value in facts.items()
            if chain.is_personal(key, value, public)
        }
        values |= contents
        salts = {name: secrets.token_hex(16) for name in values}
        return {
            "facts": facts,
            "digests": {name: chain.salted(value, salts[name]) for name, value in values.items()},
            "salts": salts,
        }

    # === READ AS IT STANDS === #

    @api.model
    def _read_rows(self, condition, limit):
        """Return rows as the database has them, whatever is cached: dictionaries."""
        self.env.flush_all()
        names = (
            "id", "company_id", "case_id", "reminder_id", "user_id", "event", "happened_at",
            "facts", "digests", "salts", "sequence", "sealed_at", "payload", "seal",
        )  # fmt: skip
        columns = SQL(", ").join(SQL.identifier(name) for name in names)
        rows = self.env.execute_query(
            SQL("SELECT %s FROM collection_evidence WHERE %s LIMIT %s", columns, condition, limit)
        )
        return [dict(zip(names, row)) for row in rows]

    @api.model
    def _tell(self, row):
        """Return what is sealed of a row, as plain values: no personal one among them."""
        digests = row["digests"] or {}
        return {
            "version": 1,
            "company": row["company_id"],
            "sequence": row["sequence"],
            "id": row["id"],
            "case": row["case_id"],
            "reminder": row["reminder_id"],
            "user": row["user_id"],
            "event": row["event"],
            "happened_at": row["happened_at"] and row["happened_at"].isoformat(),
            "sealed_at": row["sealed_at"] and row["sealed_at"].isoformat(),
            "facts": {
                key: value
                for key, value in (row["facts"] or {}).items()
                if f"fact.{key}" not in digests
            },
            "digests": digests,
        }

    # === NEVER CHANGED === #

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Evidence is never changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Evidence is never deleted."))
