from odoo import api, fields, models
from odoo.tools import SQL

#: Days that a form which was sent is remembered.
REMEMBERED_DAYS = 2


class CollectionPortalForm(models.Model):
    """Forms that customers sent: the same form sent twice does its work once.

    Each form shown bears a key of its own; the first to send it claims the key.
    """

    _name = "collection.portal.form"
    _description = "Form Sent on the Customer Portal"
    _log_access = False

    case_id = fields.Many2one("collection.case", required=True, ondelete="cascade")
    key = fields.Char(required=True)
    sent_at = fields.Datetime(required=True)
    path = fields.Char(help="Where the visitor went on.")

    _key_unique = models.UniqueIndex("(case_id, key)")

    @api.model
    def _claim(self, case, key):
        """Return the form, new and without a path, or as it was sent before.

        Of two at once the second waits here; it finds the first one's work, or takes its place
        when that came to nothing.
        """
        self.env.execute_query(
            SQL(
                """
                INSERT INTO collection_portal_form (case_id, key, sent_at)
                VALUES (%s, %s, NOW() AT TIME ZONE 'UTC')
                    ON CONFLICT (case_id, key) DO NOTHING
             RETURNING id
                """,
                case.id,
                key,
            )
        )
        return self.search([("case_id", "=", case.id), ("key", "=", key)])

    @api.autovacuum
    def _gc_forms(self):
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=REMEMBERED_DAYS)
        self.search([("sent_at", "<", limit)]).unlink()
