import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import consteq, hash_sign, verify_hash_signed

SCOPE = "account_collections_portal"
PAGE = "/my/account-statement"

#: What a customer sees of the ledger: what the statement of account shows.
SHOWN = [("no_followup", "=", False), ("move_id.collection_assigned", "=", False)]


class CollectionCase(models.Model):
    _inherit = "collection.case"

    portal_nonce = fields.Char(
        copy=False,
        groups="base.group_system",
        help="Part of every link to the account; a new one makes all earlier links void. Empty "
        "until they are revoked for the first time.",
    )
    portal_first_seen = fields.Datetime(
        string="Account First Seen", readonly=True, copy=False,
        help="When the customer first opened the account page by a link.",
    )
    portal_last_seen = fields.Datetime(string="Account Last Seen", readonly=True, copy=False)

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

    def action_revoke_links(self):
        """Make every link sent so far void; the next reminder brings a new one.

        :raises AccessError: for those who may not change cases
        """
        self.check_access("write")
        for case in self.sudo():  # nobody writes the nonce by hand
            case.portal_nonce = secrets.token_urlsafe(16)
            case._message_log(body=self.env._("The links to the customer's account were revoked."))
        return True

    def action_open_portal(self):
        """Open the account page as the customer sees it."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"{PAGE}?case={self.id}", "target": "new"}

    # === VISITORS === #

    @api.model
    def _get_visible_cases(self, user):
        """Return, with all rights, the cases whose account a logged-in user may see.

        A customer's user has no rights on cases and sees the accounts of their legal entity; a
        user of ours opens an account from its case.
        """
        cases = self.sudo()
        if not user.share:
            return cases.browse()
        debtor = user.partner_id.commercial_partner_id
        return cases.search([("partner_id", "=", debtor.id)], order="company_id")

    def _get_visible(self, case_id, user):
        """Return, with all rights, one case if that user may see its account, else none."""
        if user.share:
            return self._get_visible_cases(user).filtered(lambda case: case.id == case_id)
        # Of ours, who may read the case may see what its customer sees.
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
        if self.portal_last_seen != now:
            self.write(
                {"portal_first_seen": self.portal_first_seen or now, "portal_last_seen": now}
            )

    # === WHAT A CUSTOMER SEES === #

    def _get_portal_items_domain(self):
        self.ensure_one()
        return [("case_id", "=", self.id), *SHOWN]

    def _get_portal_totals(self):
        """Return a dict of totals for each currency of the open items, the company's first.

        :return: [{currency, balance, overdue, credits, count}], amounts in that currency
        """
        totals = {}
        groups = self.env["collection.item"]._read_group(
            self._get_portal_items_domain(),
            ["currency_id", "is_credit", "is_overdue"],
            ["amount_currency:sum", "__count"],
        )
        for currency, is_credit, is_overdue, amount, count in groups:
            found = totals.setdefault(
                currency,
                {"currency": currency, "balance": 0, "overdue": 0, "credits": 0, "count": 0},
            )
            found["balance"] += amount
            found["count"] += count
            if is_credit:
                found["credits"] += amount
            elif is_overdue:
                found["overdue"] += amount
        own = self.company_id.currency_id
        return sorted(
            totals.values(), key=lambda one: (one["currency"] != own, one["currency"].name)
        )

    def _get_portal_document(self, move_id):
        """Return a posted document of this account; none when it is somebody else's."""
        self.ensure_one()
        partners = self.debtor_ids.partner_id | self.partner_id
        return self.env["account.move"].search(
            [
                ("id", "=", move_id),
                ("company_id", "=", self.company_id.id),
                ("commercial_partner_id", "in", partners.ids),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
                ("collection_assigned", "=", False),
            ]
        )

    def _get_portal_payments_domain(self):
        partners = self.debtor_ids.partner_id | self.partner_id
        return [
            ("company_id", "=", self.company_id.id),
            ("partner_id", "child_of", partners.ids),
            ("partner_type", "=", "customer"),
            ("state", "in", ("in_process", "paid")),
        ]


def _normalise(text):
    """Return the letters and digits of a number, however it was typed.

    >>> _normalise("inv/2026-00012 ")
    'INV202600012'
    """
    return "".join(char for char in text.upper() if char.isascii() and char.isalnum())
