from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, html2plaintext

from .collection_erasure import PERSON

#: What a contact tells of a person.
CONTACT_FIELDS = (
    "name", "email", "phone", "function", "street", "street2", "zip", "city", "vat", "comment",
    "website",
)  # fmt: skip

#: Stages in which a case is prepared for, or before, a court.
CLAIM_STATES = ("formal_notice", "insolvency", "legal")


class CollectionPersonalData(models.AbstractModel):
    """All that collections keep of one partner: to be shown to them, or erased.

    A contact brings the messages to and from it; a customer, the whole of their cases. Only
    the companies that the user works in are looked at.
    """

    _name = "collection.personal.data"
    _description = "Personal Data in Collections"

    # === WHAT THERE IS === #

    @api.model
    def _find(self, partner):
        """Return the records about a partner: a dictionary of recordsets by category."""
        # The caller is checked by _check_manager, and sees these companies only.
        env = partner.sudo().with_context(active_test=False).env
        companies = self.env.companies.ids
        cases = env["collection.case"].search(
            [("partner_id", "=", partner.id), ("company_id", "in", companies)]
        )
        reminders = env["collection.reminder"].search(
            [
                ("company_id", "in", companies),
                "|",
                ("recipient_id", "=", partner.id),
                ("case_id", "in", cases.ids),
            ]
        )
        messages = self._find_messages(partner, cases, reminders, companies)
        events = self._find_events(cases, reminders, messages, companies)
        return {
            "cases": cases,
            "reminders": reminders,
            "messages": messages,
            "events": events,
            "pauses": cases.hold_ids,
            "documents": cases._get_documents(),
        }

    @api.model
    def _get_sections(self):
        """Return {category of :meth:`_find`: (its title, its model)}, in the order of answers."""
        _ = self.env._
        return {
            "cases": (_("Cases in its own name"), "collection.case"),
            "reminders": (_("Reminders"), "collection.reminder"),
            "messages": (_("Messages"), "mail.message"),
            "events": (_("Events of evidence"), "collection.evidence"),
            "pauses": (_("Pauses"), "collection.hold"),
            "documents": (_("Documents of the case"), "ir.attachment"),
        }

    @api.model
    def _find_messages(self, partner, cases, reminders, companies):
        """Return what was written on cases by the partner, to the partner or about them."""
        messages = cases.env["mail.message"]
        theirs = messages.search(
            [
                ("model", "=", "collection.case"),
                "|",
                "|",
                ("author_id", "=", partner.id),
                ("partner_ids", "in", partner.ids),
                ("notified_partner_ids", "in", partner.ids),
            ]
        )
        seen = cases.env["collection.case"].browse(theirs.mapped("res_id")).exists()
        allowed = seen.filtered(lambda case: case.company_id.id in companies)
        theirs = theirs.filtered(lambda message: message.res_id in allowed.ids)
        about = messages.search([("model", "=", "collection.case"), ("res_id", "in", cases.ids)])
        return theirs | about | reminders.mail_message_id

    @api.model
    def _find_events(self, cases, reminders, messages, companies):
        """Return the evidence of these cases, reminders and messages."""
        content = self.env["collection.evidence.content"]
        names = content._name_texts("message", messages.ids)
        touched = set(cases.ids) | set(reminders.case_id.ids) | set(messages.mapped("res_id"))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM collection_evidence
                 WHERE company_id = ANY(%s) AND case_id = ANY(%s)
                   AND (case_id = ANY(%s) OR reminder_id = ANY(%s)
                        OR jsonb_exists_any(digests, %s::text[]))
                 ORDER BY id
                """,
                companies,
                list(touched),
                cases.ids,
                reminders.ids,
                names,
            )
        )
        return cases.env["collection.evidence"].browse(key for (key,) in rows)

    @api.model
    def _collect(self, partner):
        """Return all of it as plain values, by category: what an access request is answered with.

        :raises AccessError: for anybody but a credit manager
        """
        self._check_manager()
        partner.check_access("read")
        found = self._find(partner)
        events = defaultdict(list)
        for event in found["events"]:
            events[event.case_id.id].append(event)
        return {
            "partner": {name: partner[name] or "" for name in self._get_contact_fields()}
            | {"comment": html2plaintext(partner.comment or "")},
            "cases": [self._tell_case(case) for case in found["cases"]],
            "reminders": [self._tell_reminder(reminder) for reminder in found["reminders"]],
            "messages": [self._tell_message(message) for message in found["messages"]],
            "events": [self._tell_event(event) for event in found["events"]],
            "pauses": [
                {
                    "since": fields.Date.to_string(hold.date_start),
                    "until": fields.Date.to_string(hold.date_end),
                    "reason": hold.reason,
                    "note": hold.note or "",
                }
                for hold in found["pauses"]
            ],
            "documents": [
                {"name": one.name, "date": fields.Datetime.to_string(one.create_date)}
                for one in found["documents"]
            ],
        }

    @api.model
    def _tell_case(self, case):
        return {
            "company": case.company_id.name,
            "state": case.state,
            "overdue": case.overdue,
            "outstanding": case.outstanding,
            "currency": case.currency_id.name,
            "owner": case.user_id.name or "",
            "since": fields.Datetime.to_string(case.create_date),
        }

    @api.model
    def _tell_reminder(self, reminder):
        return {
            "company": reminder.company_id.name,
            "date": fields.Date.to_string(reminder.decision_date),
            "sent": fields.Datetime.to_string(reminder.sent_at) or "",
            "channel": reminder.channel,
            "state": reminder.state,
            "recipient": reminder.recipient_id.name or "",
            "address": reminder.recipient_id.email or "",
            "subject": reminder.subject or "",
            "text": html2plaintext(reminder.body or ""),
            "documents": reminder.item_ids.mapped(lambda item: item.move_name or ""),
            "amount": reminder.amount,
        }

    @api.model
    def _tell_message(self, message):
        return {
            "date": fields.Datetime.to_string(message.date),
            "from": message.email_from or message.author_id.name or "",
            "to": ", ".join(message.notified_partner_ids.mapped("name")),
            "subject": message.subject or "",
            "text": html2plaintext(message.body or ""),
            "attachments": message.attachment_ids.mapped("name"),
        }

    @api.model
    def _tell_event(self, event):
        return {
            "date": fields.Datetime.to_string(event.happened_at),
            "company": event.company_id.name,
            "event": event.event,
            "facts": event.facts or {},
        }

    # === GROUNDS TO KEEP IT === #

    @api.model
    def _get_grounds(self, partner):
        """Return the sentences that say why data of a partner must be kept; none: it may go."""
        grounds = []
        debtor = partner.sudo().commercial_partner_id
        companies = self.env.companies
        count = self._count_open_items(debtor, companies)
        if count:
            grounds.append(
                self.env._(
                    "Open items of %(debtor)s: %(count)s. The data is needed to claim them.",
                    count=count,
                    debtor=debtor.display_name,
                )
            )
        # Only counted and named by their stage.
        cases = self.env["collection.case"].sudo().with_context(active_test=False)
        stages = dict(cases._fields["state"]._description_selection(self.env))
        legal = cases.search(
            [
                ("partner_id", "=", debtor.id),
                ("company_id", "in", companies.ids),
                ("state", "in", CLAIM_STATES),
            ]
        )
        grounds += [
            self.env._(
                "The case of %(debtor)s is at the stage “%(stage)s”: the data is needed to "
                "establish or defend a legal claim.",
                debtor=debtor.display_name,
                stage=stages[case.state],
            )
            for case in legal
        ]
        reminders = self.env["collection.reminder"].sudo()
        if reminders.search_count(
            [
                ("recipient_id", "=", partner.id),
                ("company_id", "in", companies.ids),
                ("state", "in", ("to_approve", "scheduled", "sending", "to_do", "unconfirmed")),
            ],
            limit=1,
        ):
            grounds.append(
                self.env._("A reminder to this person is on its way: withdraw it first.")
            )
        if partner.sudo().user_ids.filtered(lambda user: not user.share):
            grounds.append(self.env._("This person is a user of this database."))
        return grounds

    @api.model
    def _count_open_items(self, debtor, companies):
        """Return how many receivable items of a customer are not settled."""
        # Counted only; whoever erases may not be an accountant.
        lines = self.env["account.move.line"].sudo()
        return lines.search_count(
            [
                ("partner_id.commercial_partner_id", "=", debtor.id),
                ("company_id", "in", companies.ids),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )

    # === ERASE === #

    @api.model
    def _erase(self, partner, contact=False):
        """Erase what collections keep of a partner.

        :param contact: anonymise the contact itself too, where no accounting document names it
        :raises AccessError: for anybody but an administrator of collections
        :raises UserError: when there is a ground to keep it, with its sentence
        """
        self._check_admin()
        partner.check_access("write")
        if grounds := self._get_grounds(partner):
            raise UserError("\n".join(grounds))
        self._empty(self._find(partner))
        if contact and not self._is_in_accounting(partner):
            self._anonymise_contact(partner)

    @api.model
    def _empty(self, found):
        """Erase what :meth:`_find` found."""
        erasure = self.env["collection.erasure"]
        erasure._empty(
            SQL("id = ANY(%s)", found["events"].ids), found["reminders"], found["messages"], PERSON
        )
        if found["cases"]:
            erasure._erase_cases(found["cases"], PERSON)

    @api.model
    def _is_in_accounting(self, partner):
        """Return whether a posted entry, or a case of its own, names a partner."""
        # Of every company: the contact is one for all of them.
        lines = self.env["account.move.line"].sudo()
        moves = self.env["account.move"].sudo()
        cases = self.env["collection.case"].sudo().with_context(active_test=False)
        named = ["|", ("partner_id", "=", partner.id), ("partner_shipping_id", "=", partner.id)]
        return bool(
            lines.search_count([("partner_id", "=", partner.id)], limit=1)
            or moves.search_count(named, limit=1)
            or cases.search_count([("partner_id", "=", partner.id)], limit=1)
        )

    @api.model
    def _get_contact_fields(self):
        """Return the names of what a contact tells of a person; add-ons add theirs."""
        return CONTACT_FIELDS

    @api.model
    def _anonymise_contact(self, partner):
        values = dict.fromkeys(self._get_contact_fields(), False)
        name = self.env._("Erased contact %(number)s", number=partner.id)
        partner.write({**values, "name": name, "active": False})

    # === WHO === #

    @api.model
    def _check_manager(self):
        self._check_group(
            "group_collection_manager", self.env._("A credit manager answers access requests.")
        )

    @api.model
    def _check_admin(self):
        self._check_group(
            "group_collection_admin",
            self.env._("An administrator of collections erases personal data."),
        )

    @api.model
    def _check_group(self, group, refusal):
        if not self.env.su and not self.env.user.has_group(f"account_collections.{group}"):
            raise AccessError(refusal)
