import re

from odoo import Command, api, models
from odoo.tools import SQL

SIREN, SIRET = 9, 14


class CollectionInsuranceBuyer(models.Model):
    """Which customers of ours a buyer of the insurer's is.

    The registration number decides, else the VAT number, else the customer code. Several records
    with one number are one legal entity; a code that several customers bear decides nothing.
    """

    _inherit = "collection.insurance.buyer"

    @api.model_create_multi
    def create(self, vals_list):
        """A buyer looks for its customers, unless they are given."""
        drafts = {
            self.new({**vals, "partner_ids": False}): vals
            for vals in vals_list
            if not vals.get("partner_ids") or vals["partner_ids"] == [Command.set([])]
        }
        drafted = self.browse().union(*drafts)
        for draft, partners in drafted._find_customers().items():
            drafts[draft]["partner_ids"] = [Command.set(partners)]
        buyers = super().create(vals_list)
        buyers._mark()
        return buyers

    @api.model
    def _get_key(self, number):
        """Return a number without what people put between its characters; False for none."""
        return re.sub(r"[\W_]", "", number or "").upper() or False

    @api.model
    def _get_registration_key(self, number):
        """Return what tells legal entities apart: of a SIRET its SIREN."""
        key = self._get_key(number)
        is_siret = key and key.isdigit() and len(key) == SIRET
        return key[:SIREN] if is_siret else key

    def _match(self):
        """Give these buyers their customers, as far as one is found; return those who have any."""
        found = self._find_customers()
        for buyer, partners in found.items():
            buyer.partner_ids = [Command.set(partners)]
        return self.browse().union(*found)

    def _find_customers(self):
        """Return {buyer: ids of its customers}, of those for whom one is found.

        Customers who are another buyer's in the same policy are left to it.
        """
        matched = {}
        for policy, buyers in self.grouped("policy_id").items():
            taken = self._query_taken(policy)
            for read, expression, is_unique in self._get_ways():
                keys = {buyer: read(buyer) for buyer in buyers if buyer not in matched}
                found = self._query_partners(
                    policy.company_id, expression, {key for key in keys.values() if key}
                )
                for buyer, key in keys.items():
                    partners = set(found.get(key, ())) - taken
                    if partners and not (is_unique and len(partners) > 1):
                        matched[buyer] = sorted(partners)
                        taken |= partners
        return matched

    @api.model
    def _get_ways(self):
        """Return triples (number of a buyer, the same of ``partner`` in SQL, whether only one
        customer may bear it), the surest first."""
        bare = "UPPER(REGEXP_REPLACE(%s, '[^[:alnum:]]', '', 'g'))"
        return (
            (
                lambda buyer: buyer.registration_key,
                SQL("COALESCE(partner.collection_siren, %s)",
                    SQL(bare, SQL.identifier("partner", "company_registry"))),
                False,
            ),
            (
                lambda buyer: self._get_key(buyer.vat),
                SQL(bare, SQL.identifier("partner", "vat")),
                False,
            ),
            (
                lambda buyer: self._get_key(buyer.code),
                SQL(bare, SQL.identifier("partner", "ref")),
                True,
            ),
        )  # fmt: skip

    @api.model
    def _query_partners(self, company, expression, keys):
        """Return {key: ids of the legal entities of ``company`` that bear it}: one query."""
        if not keys:
            return {}
        self.env["res.partner"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT known.key, ARRAY_AGG(known.id)
                      FROM (SELECT partner.id, %(expression)s AS key
                              FROM res_partner partner
                             WHERE partner.parent_id IS NULL AND partner.active
                               AND (partner.company_id IS NULL
                                    OR partner.company_id = %(company)s)) known
                     WHERE known.key = ANY(%(keys)s)
                  GROUP BY known.key
                    """,
                    expression=expression,
                    company=company.id,
                    keys=list(keys),
                )
            )
        )

    @api.model
    def _query_taken(self, policy):
        """Return the ids of the customers who are somebody's in ``policy``."""
        rows = self.with_context(active_test=False).search_fetch(
            [("policy_id", "=", policy.id), ("partner_ids", "!=", False)], ["partner_ids"]
        )
        return set(rows.partner_ids.ids)
