from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ..engine.facts import CALL, EMAIL, LETTER, REGISTERED, SMS
from .collection_ledger import id_array
from .collection_level import CUSTOMER_ROLES

#: Roles to look for where nobody has the one that is asked for; then come the payables contact,
#: the invoice address and the customer itself.
NEXT_ROLES = {
    "buyer": ("ordering",),
    "ordering": ("buyer",),
    "director": ("legal",),
    "legal": ("director",),
}

#: Channels that take an address or a number, in the order of the causes that the query returns.
ADDRESSED = (EMAIL, SMS, LETTER, CALL)

#: Why nobody is reached where the customer has no contact at all that could be.
NOBODY = "no_address"


class CollectionGather(models.AbstractModel):
    """Who receives what, by each channel: the right person first, then who stands in."""

    _inherit = "collection.gather"

    def _add_recipients(self, facts):
        """Fill ``reachable`` and ``unreachable``: one query for the whole batch."""
        by_partner = defaultdict(list)
        for fact in facts.values():
            by_partner[fact.extra["partner"]].append(fact)
        contacts = self._find_slots(self._query_contacts(list(by_partner)))
        known = {}
        for commercial, cases in by_partner.items():
            self._set_recipients(cases, contacts[commercial], known)

    @api.model
    def _find_slots(self, rows):
        """Return {partner: {role, 'main' or 'address': contacts with what keeps each away}}."""
        contacts = defaultdict(lambda: defaultdict(list))
        for commercial, partner, kind, role, *causes in rows:
            found = (partner, dict(zip(ADDRESSED, causes)))
            slots = contacts[commercial]
            if role:
                slots[role].append(found)
            if partner == commercial:
                slots["main"].append(found)
            elif kind == "invoice":
                slots["address"].append(found)
        return contacts

    @api.model
    def _set_recipients(self, facts, slots, known):
        """Say of the cases of one partner whom they reach among its contacts."""
        reachable, unreachable = self._find_recipients(slots, known)
        for fact in facts:
            fact.reachable = dict(reachable)
            fact.unreachable = dict(unreachable)
            if salesperson := fact.extra["salesperson"]:
                fact.reachable[EMAIL, "salesperson"] = salesperson

    @api.model
    def _get_candidates(self, slots, role):
        """Return who may receive what is for ``role``, in the order they are tried."""
        names = [role, *NEXT_ROLES.get(role, ()), "invoice", "address", "main"]
        return [found for name in dict.fromkeys(names) for found in slots.get(name, ())]

    def _find_recipients(self, slots, known):
        """Return what :meth:`_recipients_by_role` does; the many customers without a contact,
        who are alike but for their id, are worked out once.

        :param dict known: what was worked out, by what such a customer lacks
        """
        if list(slots) != ["main"]:
            return self._recipients_by_role(slots)
        [(partner, causes)] = slots["main"]
        lacks = tuple(causes.values())
        if lacks not in known:
            known[lacks] = self._recipients_by_role(slots)
        reachable, unreachable = known[lacks]
        return dict.fromkeys(reachable, partner), unreachable

    def _recipients_by_role(self, slots):
        """Return ({(channel, role): partner}, {(channel, role): why there is nobody})."""
        reachable, unreachable = {}, {}
        for role in CUSTOMER_ROLES:
            candidates = self._get_candidates(slots, role)
            for channel in ADDRESSED:
                found, why = None, NOBODY
                for partner, causes in candidates:
                    if not causes[channel]:
                        found = partner
                        break
                    # The first who could be meant is the one to put right.
                    why = causes[channel] if why == NOBODY else why
                if found:
                    reachable[channel, role] = found
                else:
                    unreachable[channel, role] = why
            if (LETTER, role) in reachable:
                reachable[REGISTERED, role] = reachable[LETTER, role]
            else:
                unreachable[REGISTERED, role] = unreachable[LETTER, role]
        return reachable, unreachable

    def _query_contacts(self, partner_ids, branches=False):
        """Return who may be meant: partner, id, kind, role, and for each channel NULL or why not.

        :param partner_ids: customers, or branches (contacts that have contacts of their own)
        """
        of = SQL("contact.commercial_partner_id")
        ids = id_array(partner_ids)
        among = SQL("contact.commercial_partner_id = ANY(%s)", ids)
        if branches:
            among = SQL("(contact.id = ANY(%s) OR contact.parent_id = ANY(%s))", ids, ids)
            of = SQL(
                "CASE WHEN contact.id = ANY(%s) THEN contact.id ELSE contact.parent_id END", ids
            )
        return self.env.execute_query(
            SQL(
                """
                SELECT %(of)s, contact.id, contact.type,
                       contact.collection_role, %(email)s, %(sms)s, %(letter)s,
                       %(call)s
                  FROM res_partner contact
             LEFT JOIN phone_blacklist blacklist
                    ON blacklist.number = contact.collection_mobile AND blacklist.active
             LEFT JOIN res_country country ON country.id = contact.country_id
                 WHERE %(among)s
                   AND contact.active
                   AND (contact.id = %(of)s OR contact.type = 'invoice'
                        OR contact.collection_role IS NOT NULL)
              ORDER BY 1, contact.id
                """,
                of=of,
                among=among,
                email=self._no_email_sql(),
                sms=self._no_mobile_sql(),
                letter=self._no_letter_sql(),
                call=self._no_phone_sql(),
            )
        )

    @api.model
    def _no_email_sql(self):
        return SQL(
            """CASE WHEN contact.email_normalized IS NULL THEN 'no_email'
                    WHEN contact.email_normalized = contact.collection_bad_email
                    THEN 'email_bounced' END"""
        )

    @api.model
    def _no_mobile_sql(self):
        return SQL(
            """CASE WHEN contact.collection_mobile IS NULL
                    THEN 'sms_' || COALESCE(contact.collection_phone_problem, 'missing')
                    WHEN contact.collection_mobile = contact.collection_bad_mobile
                    THEN 'sms_refused'
                    WHEN blacklist.id IS NOT NULL THEN 'sms_blacklisted' END"""
        )

    @api.model
    def _no_phone_sql(self):
        """A landline will do, with an extension or abroad."""
        return SQL(
            """CASE WHEN COALESCE(contact.phone, '') = '' THEN 'call_missing'
                    WHEN contact.phone = contact.collection_wrong_phone THEN 'call_wrong'
                    WHEN contact.collection_phone_problem IN ('invalid', 'premium')
                    THEN 'call_' || contact.collection_phone_problem END"""
        )

    @api.model
    def _no_letter_sql(self):
        return SQL(
            """CASE WHEN COALESCE(contact.street, '') || COALESCE(contact.street2, '') = ''
                      OR COALESCE(contact.city, '') = ''
                      OR country.id IS NULL
                      OR country.zip_required AND COALESCE(contact.zip, '') = ''
                    THEN 'letter_incomplete'
                    WHEN %s = contact.collection_bad_address THEN 'letter_returned' END""",
            self._address_sql(),
        )

    @api.model
    def _address_sql(self):
        """Return an address as one text, as :meth:`res.partner._get_collection_address` does."""
        return SQL(
            """concat_ws('|', NULLIF(contact.street, ''), NULLIF(contact.street2, ''),
                         NULLIF(contact.zip, ''), NULLIF(contact.city, ''), country.code)"""
        )
