from odoo import api, fields, models
from odoo.tools import SQL


class CollectionTodo(models.Model):
    _inherit = "collection.todo"

    @api.model
    def _get_sources(self):
        return [*super()._get_sources(), self._select_dispute_activities()]

    @api.model
    def _select_dispute_activities(self):
        """What is to be done about a dispute is for whoever got it, not for the case's owner.

        An activity's number is its own, whatever record it is of.
        """
        return SQL(
            """
            SELECT activity.id * 32::bigint + 4, '5_activity', activity.summary,
                   cases.id, NULL, activity.date_deadline,
                   cases.company_id, activity.user_id, cases.overdue, cases.oldest_due
              FROM mail_activity activity
              JOIN collection_dispute dispute ON dispute.id = activity.res_id
              JOIN collection_case cases ON cases.id = dispute.case_id
             WHERE activity.res_model = 'collection.dispute'
               AND activity.active
               AND activity.date_deadline <= %s
            """,
            fields.Date.context_today(self),
        )
