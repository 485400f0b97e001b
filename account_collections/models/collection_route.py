from odoo import api, models
from odoo.tools import SQL


class CollectionRoute(models.AbstractModel):
    """Whom we dun for what is open, from the ledger and the settings as they are now.

    The invoice's own payer, else the invoice's contact (where branches are dunned apart), else
    the customer's payer, its group head, its legal entity. Who is archived, or belongs to another
    of our companies, is passed over. A company with a lead hands over the debtors who owe
    another company of the same lead too.
    """

    _name = "collection.route"
    _description = "Whom We Dun"

    @api.model
    def _routes_sql(self, companies, partners=None):
        """Return the query of the map as it should be.

        Its columns: ``company_id``, ``partner_id``, ``contact_id``, ``payer_id`` and ``role``, by
        which an item finds its row, then ``case_company_id``, ``debtor_id``, ``source``,
        ``entity_id``, ``share`` and ``by_statement``.

        :param partners: only for these ledger partners
        """
        return SQL(
            """
            SELECT chosen.company_id, chosen.partner_id, chosen.contact_id, chosen.payer_id,
                   chosen.role, chosen.debtor_id, chosen.source, chosen.share,
                   chosen.by_statement,
                   NULLIF(chosen.entity_id, chosen.debtor_id) AS entity_id,
                   CASE WHEN chosen.lead_id IS NOT NULL
                         AND (debtor.company_id IS NULL OR debtor.company_id = chosen.lead_id)
                         AND MIN(chosen.company_id) OVER debts
                             <> MAX(chosen.company_id) OVER debts
                        THEN chosen.lead_id ELSE chosen.company_id END AS case_company_id
              FROM (%(chosen)s) chosen
              JOIN res_partner debtor ON debtor.id = chosen.debtor_id
            WINDOW debts AS (PARTITION BY chosen.lead_id, chosen.debtor_id)
            """,
            chosen=self._chosen_sql(companies, partners),
        )

    @api.model
    def _keys_sql(self, companies, partners):
        """Return what tells open items apart, for who is dunned."""
        where = SQL("line.company_id = ANY(%s)", companies.ids)
        if partners is not None:
            where = SQL("%s AND line.partner_id = ANY(%s)", where, partners.ids)
        return SQL(
            "%s GROUP BY 1, 2, 3, 4",
            self.env["collection.ledger"]._open_items_sql(
                SQL(
                    """
                    line.company_id, line.partner_id,
                    CASE WHEN COALESCE(partner.collection_split, company.collection_split)
                              = 'branch'
                         THEN COALESCE(move.partner_id, line.partner_id) END AS contact_id,
                    move.collection_payer_id AS payer_id,
                    BOOL_OR(move.collection_payer_share > 0
                            AND move.collection_payer_share < 100) AS is_shared
                    """
                ),
                joins=SQL(
                    """JOIN res_partner partner ON partner.id = line.partner_id
                       JOIN res_company company ON company.id = line.company_id"""
                ),
                where=where,
            ),
        )

    @api.model
    def _chosen_sql(self, companies, partners):
        """Return each key with its debtor, its legal entity and the company that may lead."""
        return SQL(
            """
            SELECT split.company_id, split.partner_id, split.contact_id, split.payer_id,
                   split.role, split.share, split.by_statement,
                   COALESCE(split.branch_id, whole.id, legal.id) AS debtor_id,
                   COALESCE(split.branch_id, legal.id) AS entity_id,
                   CASE WHEN split.source <> 'legal_entity' THEN split.source
                        WHEN head.id IS NOT NULL THEN 'group'
                        WHEN legal.id <> base.id THEN 'siren'
                        ELSE 'legal_entity' END AS source,
                   lead.id AS lead_id
              FROM (%(split)s) split
              JOIN res_company company ON company.id = split.company_id
         LEFT JOIN res_company lead
                ON lead.id = COALESCE(
                       company.collection_lead_id,
                       CASE WHEN EXISTS (SELECT FROM res_company led
                                          WHERE led.collection_lead_id = company.id)
                            THEN company.id END)
              JOIN res_partner base ON base.id = split.base_id
        CROSS JOIN LATERAL (%(base_entity)s) legal
         LEFT JOIN res_partner entity ON entity.id = legal.id
         LEFT JOIN res_partner head
                ON company.collection_group
               AND head.id = COALESCE(base.collection_head_id, entity.collection_head_id)
               AND %(head_usable)s
        CROSS JOIN LATERAL (%(head_entity)s) whole
            """,
            split=self._split_sql(companies, partners),
            base_entity=self._entity_sql("base"),
            head_entity=self._entity_sql("head"),
            head_usable=self._usable_sql("head"),
        )

    @api.model
    def _split_sql(self, companies, partners):
        """Return each key with who pays: two rows where a payer pays a share."""
        has_share = SQL(
            "partner.collection_payer_share > 0 AND partner.collection_payer_share < 100"
        )
        return SQL(
            """
            SELECT keys.company_id, keys.partner_id, keys.contact_id, keys.payer_id,
                   roles.role,
                   CASE WHEN roles.role = 'all' OR own.id IS NOT NULL THEN 0
                        ELSE partner.collection_payer_share END AS share,
                   CASE WHEN roles.role <> 'rest' AND payer.id IS NOT NULL THEN payer.id
                        ELSE COALESCE(partner.commercial_partner_id, partner.id) END AS base_id,
                   CASE WHEN roles.role = 'rest' OR payer.id IS NULL THEN branch.id
                   END AS branch_id,
                   CASE WHEN roles.role <> 'rest' AND own.id IS NOT NULL THEN 'invoice_payer'
                        WHEN branch.id IS NOT NULL THEN 'branch'
                        WHEN roles.role <> 'rest' AND payer.id IS NOT NULL THEN 'payer'
                        ELSE 'legal_entity' END AS source,
                   COALESCE(partner.collection_grouping, company.collection_grouping)
                       = 'statement' AS by_statement
              FROM (%(keys)s) keys
              JOIN res_company company ON company.id = keys.company_id
              JOIN res_partner partner ON partner.id = keys.partner_id
         LEFT JOIN res_partner own
                ON own.id = keys.payer_id AND %(own_usable)s
               AND own.commercial_partner_id <> partner.commercial_partner_id
         LEFT JOIN res_partner branch
                ON branch.id = keys.contact_id AND branch.active
               AND branch.id <> partner.id
               AND branch.commercial_partner_id = partner.commercial_partner_id
         LEFT JOIN res_partner usual
                ON own.id IS NULL AND branch.id IS NULL
               AND usual.id = partner.collection_payer_id AND %(usual_usable)s
               AND usual.commercial_partner_id <> partner.commercial_partner_id
         LEFT JOIN res_partner payer
                ON payer.id = COALESCE(own.commercial_partner_id, usual.commercial_partner_id)
        CROSS JOIN LATERAL (
                SELECT UNNEST(
                    CASE WHEN (own.id IS NOT NULL AND keys.is_shared)
                           OR (usual.id IS NOT NULL AND %(has_share)s)
                         THEN ARRAY['payer', 'rest'] ELSE ARRAY['all'] END) AS role
             ) roles
            """,
            keys=self._keys_sql(companies, partners),
            own_usable=self._usable_sql("own"),
            usual_usable=self._usable_sql("usual"),
            has_share=has_share,
        )

    @api.model
    def _usable_sql(self, alias):
        """Return the condition that a chosen partner can be dunned in ``company``."""
        return SQL(
            "%s AND (%s IS NULL OR %s = company.id)",
            SQL.identifier(alias, "active"),
            SQL.identifier(alias, "company_id"),
            SQL.identifier(alias, "company_id"),
        )

    @api.model
    def _entity_sql(self, alias):
        """Return the query of who stands for the legal entity of a partner: of all with its SIREN,
        the first that is not archived; NULL for no partner.

        It is fenced (``OFFSET 0``): put into every place that names its column, it would be
        planned and computed in each.
        """
        return SQL(
            """SELECT COALESCE(
                   CASE WHEN company.collection_group AND %(siren)s IS NOT NULL THEN (
                        SELECT MIN(twin.id)
                          FROM res_partner twin
                         WHERE twin.collection_siren = %(siren)s
                           AND twin.commercial_partner_id = twin.id
                           AND %(twin_usable)s) END,
                   %(commercial)s, %(id)s) AS id
               OFFSET 0""",
            siren=SQL.identifier(alias, "collection_siren"),
            twin_usable=self._usable_sql("twin"),
            commercial=SQL.identifier(alias, "commercial_partner_id"),
            id=SQL.identifier(alias, "id"),
        )
