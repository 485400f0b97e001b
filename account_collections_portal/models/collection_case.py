import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import consteq, hash_sign, verify_hash_signed

SCOPE = "account_collections_portal"
PAGE = "/my/account-statement"

#: What a customer sees of the ledger: what the statement of account shows.
SHOWN = [("no_followup", "=", False), ("move_id.collection_assigned", "=", False)]

#: A token is some hundred characters long; what is much longer is none.
LONGEST_TOKEN = 512

#: Letters and digits that are not mistaken for each other on paper.
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 10


class Refused(UserError):
    """What a customer asks for is refused, in words that are meant for the customer."""


class CollectionCase(models.Model):
    """Who may see the account of a case: by a link, by a letter, logged in."""

    _inherit = "collection.case"

    portal_nonce = fields.Char(
        copy=False,
        groups="base.group_system",
        help="Part of every link to the account; a new one makes all earlier links void. Empty "
        "until they are revoked for the first time.",
    )
    portal_code = fields.Char(
        copy=False,
        groups="base.group_system",
        help="Printed on letters: it names the account, and opens nothing without confirmation.",
    )
    portal_code_until = fields.Date(copy=False, groups="base.group_system")
    portal_first_seen = fields.Datetime(
        string="Account First Seen", readonly=True, copy=False,
        help="When the customer first opened the account page by a link.",
    )
    portal_last_seen = fields.Datetime(string="Account Last Seen", readonly=True, copy=False)

    _portal_code_unique = models.UniqueIndex("(portal_code) WHERE portal_code IS NOT NULL")

    # === LINKS === #

    def _get_portal_url(self):
        """Return the address of the account page, for those who log in; it holds no secret."""
        self.ensure_one()
        return f"{self.get_base_url()}{PAGE}?case={self.id}"

    def _get_signed_url(self):
        """Return an address that opens this account, and no other, until it expires."""
        return f"{self.get_base_url()}{PAGE}?access_token={self._sign()}"

    def _sign(self):
        """Return a token for this account; it writes nothing: a mail is signed while it leaves,
        when a conflict with another worker could not be undone any more."""
        self.ensure_one()
        # The nonce is nobody's to read; a mail is written on behalf of whoever sends it.
        case = self.sudo()
        return hash_sign(
            case.env,
            SCOPE,
            [case.id, case.portal_nonce or ""],
            expiration=timedelta(days=case.company_id.collection_link_days),
        )

    @api.model
    def _find_signed(self, token):
        """Return the case that a token opens, with all rights; none when it opens nothing.

        Foreign, expired, revoked, truncated and invented tokens all give the same answer.
        """
        # Verifying needs the database's secret; the signature is what gives the right.
        cases = self.sudo()
        if len(token) > LONGEST_TOKEN:
            return cases.browse()
        try:
            values = verify_hash_signed(cases.env, SCOPE, token)
        except ValueError:  # it is no token at all
            values = None
        if not values:
            return cases.browse()
        case_id, nonce = values
        case = cases.browse(case_id).exists()
        # Unlike the signature, the nonce may have been replaced since.
        return case if case and consteq(nonce, case.portal_nonce or "") else cases.browse()

    def _get_letter_url(self):
        """Return the address that a letter shows, short enough to be typed.

        The PDF of a letter is kept, so that no token may be on it: its code only names the
        account, until it expires or the links are revoked, and who comes by it always confirms.
        """
        self.ensure_one()
        # As with a link: it is nobody's to read but in the letter.
        case = self.sudo()
        today = case.company_id._collection_today()
        until = fields.Date.add(today, days=case.company_id.collection_link_days)
        if not case.portal_code or case.portal_code_until < today:
            case.portal_code = _invent_code()
        if case.portal_code_until != until:
            case.portal_code_until = until
        half = CODE_LENGTH // 2
        code = f"{case.portal_code[:half]}-{case.portal_code[half:]}"
        return f"{self.get_base_url()}{PAGE}/letter/{code}"

    @api.model
    def _find_by_code(self, code):
        """Return the case that the code of a letter names, with all rights; it opens nothing yet.

        :param str code: as a visitor typed it
        """
        # Only the page that asks for a confirmation is shown for it.
        cases, typed = self.sudo(), _normalise(code)
        if len(typed) != CODE_LENGTH:
            return cases.browse()
        case = cases.search([("portal_code", "=", typed)])
        return case.filtered(
            lambda found: found.portal_code_until >= found.company_id._collection_today()
        )

    def action_revoke_links(self):
        """Make every link and letter sent so far void; the next reminder brings a new one.

        :raises AccessError: for those who may not change cases
        """
        self.check_access("write")
        self._revoke_links()
        for case in self:
            case._message_log(body=self.env._("The links to the customer's account were revoked."))
        return True

    def _revoke_links(self):
        for case in self.sudo():  # nobody writes the nonce by hand
            case.write({"portal_nonce": secrets.token_urlsafe(16), "portal_code": False})

    def action_open_portal(self):
        """Open the account page as the customer sees it."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"{PAGE}?case={self.id}", "target": "new"}

    # === VISITORS === #

    @api.model
    def _get_visible_cases(self, user):
        """Return, with all rights, the cases whose account a logged-in user may see.

        A customer's user has no rights on cases and sees the accounts of their legal entity and
        its branches, of its group where the company allows it, and of whoever it is dunned
        through, of whose account it may see its own part only: see :meth:`_show_to`. A user of
        ours opens an account from its case.
        """
        cases = self.sudo()
        if not user.share:
            return cases.browse()
        entity = user.partner_id.commercial_partner_id
        return cases.search(self._get_visible_domain(entity), order="company_id, id")

    @api.model
    def _get_visible_domain(self, entity):
        """Return which cases belong to a legal entity, as it stands now."""
        own = Domain("partner_id.commercial_partner_id", "=", entity.id)
        allowed = Domain("company_id.collection_portal_group", "=", True)
        # The head sees its members' accounts, and a member the account that it is dunned through.
        members = Domain("partner_id.collection_head_id", "=", entity.id)
        together = Domain(
            "debtor_ids", "any",
            [("partner_id", "=", entity.id), ("source", "in", ("group", "siren"))],
        )
        return own | together | allowed & members

    def _show_to(self, entity):
        """Return the case as a legal entity may see its account: all of it, or its own part."""
        self.ensure_one()
        is_own = self.partner_id.commercial_partner_id == entity
        if is_own or self.company_id.collection_portal_group:
            return self
        return self.with_context(collection_portal_member=entity.id)

    def _get_portal_member(self):
        """Return the one member of a group that looks at the group's account, if one does: it
        sees its own items, payments and documents, and undertakes nothing for the group."""
        return self.env["res.partner"].browse(self.env.context.get("collection_portal_member"))

    def _get_portal_collectors(self):
        """Return who collects some of it now, as contacts of the customer; a member of a group
        does not hear of the others' debts."""
        if self._get_portal_member():
            return []
        agencies = self.handover_ids.filtered(lambda one: one.state == "handed_over").agency_id
        named = agencies.filtered(lambda one: one.is_shown and one.kind != "court")
        return [
            {"name": one.display_name, "phone": one.phone, "email": one.email} for one in named
        ]

    def _get_portal_holder(self):
        """Return whose account the visitor sees."""
        return self._get_portal_member() or self.partner_id

    @api.model
    def _get_readable(self, case_id):
        """Return, with all rights, one case if this user of ours may read it, else none: they may
        see what its customer sees."""
        return self.browse(case_id).exists()._filtered_access("read").sudo()

    def _is_known_to_customer(self, answer):
        """Return whether an answer names a document or the registration number of the customer.

        :param str answer: what a visitor typed
        """
        self.ensure_one()
        asked = _normalise(answer)
        if len(asked) < 4:
            return False
        partner = self.partner_id
        own = {_normalise(value) for value in (partner.vat, partner.company_registry) if value}
        if any(consteq(asked, known) for known in own):
            return True
        [(found,)] = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (
                    SELECT FROM collection_debtor debtor
                           JOIN account_move move ON move.company_id = debtor.company_id
                                                 AND move.commercial_partner_id = debtor.partner_id
                     WHERE debtor.case_id = %s AND move.state = 'posted'
                       AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                       AND regexp_replace(upper(move.name), '[^A-Z0-9]', '', 'g') = %s)
                """,
                self.id,
                asked,
            )
        )
        return found

    def _note_visit(self):
        """Keep when the account was first and last seen, to the hour: no more is needed."""
        self.ensure_one()
        now = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        if not self.company_id.collection_link_seen or self.portal_last_seen == now:
            return
        # Somebody else works on the case: the visitor does not wait for that.
        if self.try_lock_for_update(allow_referencing=True):
            self.write(
                {"portal_first_seen": self.portal_first_seen or now, "portal_last_seen": now}
            )


def _invent_code():
    return "".join(secrets.choice(CODE_LETTERS) for _letter in range(CODE_LENGTH))


def _normalise(text):
    """Return the letters and digits of a number, however it was typed.

    >>> _normalise("inv/2026-00012 ")
    'INV202600012'
    """
    return "".join(char for char in text.upper() if char.isascii() and char.isalnum())
