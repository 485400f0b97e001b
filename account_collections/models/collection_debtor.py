from odoo import api, fields, models
from odoo.tools import SQL

#: Why a ledger partner is dunned through a debtor; other ways of naming one are added here.
LEGAL_ENTITY = "legal_entity"


class CollectionDebtor(models.Model):
    """The maintained map from the ledger's partner to the case through which it is dunned."""

    _name = "collection.debtor"
    _description = "Collection Debtor Map"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Ledger Partner", required=True, index=True, ondelete="restrict"
    )
    case_id = fields.Many2one("collection.case", required=True, index=True, ondelete="restrict")
    source = fields.Selection(
        [(LEGAL_ENTITY, "Legal entity")], default=LEGAL_ENTITY, required=True
    )

    _partner_unique = models.UniqueIndex("(company_id, partner_id)")

    @api.model
    def _sync(self, company):
        """Give every partner with open items in ``company`` its debtor; return the new cases.

        Two statements whatever the number of partners, safe to run twice at once.
        """
        cr = self.env.cr
        self.env.flush_all()
        missing = self.env["collection.ledger"]._open_items_sql(
            SQL("DISTINCT line.company_id, line.partner_id, %s AS debtor_id", self._debtor_sql()),
            joins=SQL("JOIN res_partner partner ON partner.id = line.partner_id"),
            where=SQL(
                """line.company_id = %s AND NOT EXISTS (
                    SELECT FROM collection_debtor known
                     WHERE known.company_id = line.company_id
                       AND known.partner_id = line.partner_id)""",
                company.id,
            ),
        )
        cr.execute(
            SQL(
                """
                INSERT INTO collection_case (company_id, partner_id, country_id, salesperson_id,
                                             state, active,
                                             create_uid, write_uid, create_date, write_date)
                SELECT DISTINCT missing.company_id, debtor.id, debtor.country_id, debtor.user_id,
                       'current', TRUE, %(uid)s, %(uid)s,
                       NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                  FROM (%(missing)s) missing
                  JOIN res_partner debtor ON debtor.id = missing.debtor_id
                    ON CONFLICT (company_id, partner_id) DO NOTHING
             RETURNING id
                """,
                uid=self.env.uid,
                missing=missing,
            )
        )
        cases = self.env["collection.case"].browse(case_id for (case_id,) in cr.fetchall())
        cr.execute(
            SQL(
                """
                INSERT INTO collection_debtor (company_id, partner_id, case_id, source,
                                               create_uid, write_uid, create_date, write_date)
                SELECT missing.company_id, missing.partner_id, cases.id, %(source)s,
                       %(uid)s, %(uid)s, NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                  FROM (%(missing)s) missing
                  JOIN collection_case cases ON cases.company_id = missing.company_id
                                            AND cases.partner_id = missing.debtor_id
                    ON CONFLICT (company_id, partner_id) DO NOTHING
                """,
                uid=self.env.uid,
                missing=missing,
                source=LEGAL_ENTITY,
            )
        )
        return cases

    @api.model
    def _debtor_sql(self):
        """Return the partner through whom ``partner`` (a ledger partner) is dunned."""
        return SQL("COALESCE(partner.commercial_partner_id, partner.id)")

    @api.model
    def _forget(self, partners):
        """Drop the map of ``partners``, whose hierarchy changed: the next run maps them anew."""
        self.sudo().search([("partner_id", "in", partners.ids)]).unlink()
