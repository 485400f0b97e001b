from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

#: What may be tried, how often, in how many minutes, by one visitor or on one case.
LIMITS = {
    "link": (30, 10),
    "confirm": (5, 60),
    "page": (300, 5),
    "document": (60, 5),
    "form": (20, 10),
}


class CollectionPortalAttempt(models.Model):
    """How often a visitor tried something lately: guessing and flooding are slowed down.

    A visitor is known by a keyed digest only; no address is kept.
    """

    _name = "collection.portal.attempt"
    _description = "Attempts on the Customer Portal"
    _log_access = False

    kind = fields.Char(required=True)
    visitor = fields.Char(required=True)
    began_at = fields.Datetime(required=True)
    count = fields.Integer(required=True)

    _visitor_unique = models.UniqueIndex("(kind, visitor)")

    @api.model
    def _is_allowed(self, kind, visitor):
        """Count an attempt; return whether it stays within the limit of its kind.

        One statement, so that a hundred requests at once are counted as a hundred.

        :param str visitor: whatever tells visitors apart (an address, a case)
        """
        most, minutes = LIMITS[kind]
        # The key of the digest is the database's own secret.
        digest = hmac(self.env(su=True), "account_collections_portal", (kind, visitor))
        [(count,)] = self.env.execute_query(
            SQL(
                """
                INSERT INTO collection_portal_attempt AS known (kind, visitor, began_at, count)
                VALUES (%(kind)s, %(visitor)s, NOW() AT TIME ZONE 'UTC', 1)
                    ON CONFLICT (kind, visitor) DO UPDATE
                   SET count = CASE WHEN %(is_over)s THEN 1 ELSE known.count + 1 END,
                       began_at = CASE WHEN %(is_over)s
                                       THEN EXCLUDED.began_at ELSE known.began_at END
             RETURNING count
                """,
                kind=kind,
                visitor=digest,
                is_over=SQL(
                    "known.began_at < EXCLUDED.began_at - make_interval(mins => %s)", minutes
                ),
            )
        )
        return count <= most

    @api.autovacuum
    def _gc_attempts(self):
        """Forget what is over for every limit."""
        longest = max(minutes for _most, minutes in LIMITS.values())
        limit = fields.Datetime.subtract(fields.Datetime.now(), minutes=longest)
        self.search([("began_at", "<", limit)]).unlink()
