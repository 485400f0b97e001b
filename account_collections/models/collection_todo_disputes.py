from odoo import api, fields, models
from odoo.tools import SQL

from .collection_dispute import OPEN

DISPUTES = "9_dispute"


class CollectionTodo(models.Model):
    """What is to be done about disputes, and those that whoever works on the case has to chase."""

    _inherit = "collection.todo"

    kind = fields.Selection(selection_add=[(DISPUTES, "Disputes to chase")])

    @api.model
    def _get_sources(self):
        return [
            *super()._get_sources(),
            self._select_dispute_activities(),
            self._select_late_disputes(),
        ]

    @api.model
    def _select_dispute_activities(self):
        """What is to be done about a dispute is for whoever got it, not for the case's owner.

        An activity's number is its own, whatever record it is of.
        """
        return SQL(
            """
            SELECT activity.id * 32::bigint + 4, '5_activity', activity.summary,
                   dispute.case_id, NULL, activity.date_deadline, activity.user_id,
                   dispute.amount
              FROM mail_activity activity
              JOIN collection_dispute dispute ON dispute.id = activity.res_id
             WHERE activity.res_model = 'collection.dispute'
               AND activity.active
               AND activity.date_deadline <= %(today)s
            """,
            today=fields.Date.context_today(self),
        )

    @api.model
    def _select_late_disputes(self):
        """Disputes that nobody decided by their deadline: the collector asks whoever solves it."""
        return SQL(
            """
            SELECT dispute.id * 32::bigint + 12, %(kind)s,
                   CONCAT_WS(' · ', dispute.name, solver.name),
                   dispute.case_id, NULL, dispute.deadline, NULL, dispute.amount
              FROM collection_dispute dispute
         LEFT JOIN res_users owner ON owner.id = dispute.user_id
         LEFT JOIN res_partner solver ON solver.id = owner.partner_id
             WHERE dispute.state IN %(open)s AND dispute.deadline < %(today)s
            """,
            kind=DISPUTES,
            open=OPEN,
            today=fields.Date.context_today(self),
        )
