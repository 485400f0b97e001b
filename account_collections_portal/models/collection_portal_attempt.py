from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hmac

#: What may be tried, how often, in how many minutes, by one visitor or on one case.
LIMITS = {
    "link": (30, 10),
    "letter": (20, 60),
    "confirm": (5, 60),
    "page": (300, 5),
    "document": (60, 5),
    "form": (20, 10),
    "pay": (40, 10),
}


class CollectionPortalAttempt(models.Model):
    """What a visitor tried lately: guessing and flooding are slowed down.

    A visitor is known by a keyed digest only; no address is kept.
    """

    _name = "collection.portal.attempt"
    _description = "Attempts on the Customer Portal"
    _log_access = False

    kind = fields.Char(required=True)
    visitor = fields.Char(required=True)
    tried_at = fields.Datetime(required=True)

    _recent = models.Index("(kind, visitor, tried_at)")

    @api.model
    def _is_allowed(self, kind, visitor):
        """Count an attempt; return whether it stays within the limit of its kind.

        It is counted whatever becomes of the request, in a transaction of its own that waits for
        nobody: attempts are added, none is changed. What is over the limit is not even kept, so
        that a flood fills no table and ends by itself.

        :param str visitor: whatever tells visitors apart (an address, a case)
        """
        most, minutes = LIMITS[kind]
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """
                    INSERT INTO collection_portal_attempt (kind, visitor, tried_at)
                    SELECT %(kind)s, %(visitor)s, NOW() AT TIME ZONE 'UTC'
                     WHERE (SELECT COUNT(*) FROM collection_portal_attempt
                             WHERE kind = %(kind)s AND visitor = %(visitor)s
                               AND tried_at > NOW() AT TIME ZONE 'UTC'
                                              - make_interval(mins => %(minutes)s)) < %(most)s
                    """,
                    kind=kind,
                    visitor=self._digest(kind, visitor),
                    minutes=minutes,
                    most=most,
                )
            )
            return bool(cr.rowcount)

    @api.model
    def _forgive(self, kind, visitor):
        """Forget the attempts of a visitor who turned out to be right."""
        self.search([("kind", "=", kind), ("visitor", "=", self._digest(kind, visitor))]).unlink()

    @api.model
    def _digest(self, kind, visitor):
        # The key is the database's own secret.
        return hmac(self.env(su=True), "account_collections_portal", (kind, visitor))

    @api.autovacuum
    def _gc_attempts(self):
        """Forget what is over for every limit."""
        longest = max(minutes for _most, minutes in LIMITS.values())
        limit = fields.Datetime.subtract(fields.Datetime.now(), minutes=longest)
        self.search([("tried_at", "<", limit)]).unlink()
