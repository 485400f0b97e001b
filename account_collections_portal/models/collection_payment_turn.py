from odoo import api, fields, models
from odoo.tools import SQL


class CollectionPaymentTurn(models.Model):
    """On one account, one payment is begun at a time.

    Whoever comes second waits, and then begins anew with what the first one did before its eyes:
    PostgreSQL refuses to change a row that somebody else has changed meanwhile, and Odoo repeats
    the request. A lock alone would wait and then look at what was there before.
    """

    _name = "collection.payment.turn"
    _description = "Turn to Pay"
    _log_access = False

    case_id = fields.Many2one("collection.case", required=True, ondelete="cascade")
    number = fields.Integer(required=True)

    _case_unique = models.UniqueIndex("(case_id)")

    @api.model
    def _take(self, case):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO collection_payment_turn AS turn (case_id, number) VALUES (%s, 1)
                    ON CONFLICT (case_id) DO UPDATE SET number = turn.number + 1
                """,
                case.id,
            ),
            log_exceptions=False,  # that two clicks meet is nothing to repair
        )
