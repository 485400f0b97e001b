from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.facts import BY_PERSON
from .collection_ledger import id_array

#: Days for which it is remembered who had a customer's ear.
KEPT_DAYS = 30


class CollectionContact(models.Model):
    """Which of our companies has the ear of a customer on a day: one a day, by a unique index.

    A customer is a SIREN where it has one, else the legal entity. A row is written when a
    message is claimed, only for customers whom several of our companies know.
    """

    _name = "collection.contact"
    _description = "Contact of the Day"
    _log_access = False

    identity = fields.Char(required=True, readonly=True)
    day = fields.Date(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True
    )

    _day_unique = models.UniqueIndex("(identity, day)")

    @api.model
    def _identity_sql(self, alias):
        return SQL(
            "COALESCE(%s, COALESCE(%s, %s)::text)",
            SQL.identifier(alias, "collection_siren"),
            SQL.identifier(alias, "commercial_partner_id"),
            SQL.identifier(alias, "id"),
        )

    @api.model
    def _query_others(self, cases, company, today):
        """Return (case id, name of another company) of those spoken to today, or about to be.

        Only the name is told: no figure of another company.
        """
        return self.env.execute_query(
            SQL(
                """
                WITH others AS (
                    SELECT %(identity)s AS identity, reminder.company_id
                      FROM collection_reminder reminder
                      JOIN collection_case cases ON cases.id = reminder.case_id
                      JOIN res_partner partner ON partner.id = cases.partner_id
                 LEFT JOIN collection_level level ON level.id = reminder.level_id
                     WHERE reminder.decision_date = %(today)s
                       AND reminder.kind <> 'voice'
                       AND level.recipient_role IS DISTINCT FROM 'salesperson'
                       AND reminder.company_id <> %(company)s
                       AND reminder.state IN ('to_approve', 'scheduled', 'sending')
                       AND reminder.channel NOT IN %(by_person)s
                     UNION
                    SELECT identity, company_id
                      FROM collection_contact
                     WHERE day = %(today)s AND company_id <> %(company)s)
                SELECT cases.id, MIN(company.name)
                  FROM collection_case cases
                  JOIN res_partner partner ON partner.id = cases.partner_id
                  JOIN others ON others.identity = %(identity)s
                  JOIN res_company company ON company.id = others.company_id
                 WHERE cases.id = ANY(%(cases)s)
              GROUP BY cases.id
                """,
                identity=self._identity_sql("partner"),
                today=today,
                company=company.id,
                by_person=BY_PERSON,
                cases=id_array(cases.ids),
            )
        )

    @api.model
    def _take(self, case, day):
        """Take the customer's ear for the company of ``case``.

        Two workers that ask at once: one waits for the other, and is told to come again.

        :return: the row of the day, none where no other company of ours knows the customer;
            and whether it was taken just now
        """
        [(identity,)] = self.env.execute_query(
            SQL(
                "SELECT %s FROM res_partner partner WHERE partner.id = %s",
                self._identity_sql("partner"),
                case.partner_id.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO collection_contact (identity, day, company_id)
                SELECT %(identity)s, %(day)s, %(company)s
                 WHERE EXISTS (
                       SELECT FROM collection_case other
                              JOIN res_partner partner ON partner.id = other.partner_id
                        WHERE other.company_id <> %(company)s
                          AND (partner.collection_siren = %(identity)s
                               OR partner.commercial_partner_id = %(partner)s))
                    ON CONFLICT (identity, day) DO NOTHING
                """,
                identity=identity,
                day=day,
                company=case.company_id.id,
                partner=case.partner_id.commercial_partner_id.id,
            )
        )
        is_new = bool(self.env.cr.rowcount)
        # Rows are the product's own: nobody holds the right to write them.
        return self.sudo().search([("identity", "=", identity), ("day", "=", day)]), is_new

    @api.autovacuum
    def _gc_contacts(self):
        limit = fields.Date.subtract(fields.Date.today(), days=KEPT_DAYS)
        self.sudo().search([("day", "<", limit)]).unlink()
