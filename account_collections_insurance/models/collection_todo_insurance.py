from odoo import api, fields, models
from odoo.tools import SQL

ALERTS = "2_insurance"


class CollectionTodo(models.Model):
    _inherit = "collection.todo"

    kind = fields.Selection(selection_add=[(ALERTS, "Credit insurance")])

    @api.depends("kind")
    def _compute_label(self):
        super()._compute_label()
        alerts = self.filtered(lambda todo: todo.kind == ALERTS)
        for todo, alert in zip(alerts, alerts._get_origins("collection.insurance.alert")):
            todo.label = alert.sentence

    @api.model
    def _get_finishers(self):
        return {
            **super()._get_finishers(),
            ALERTS: (self.env._("Mark as Seen"), "_finish_insurance_alert"),
        }

    def _finish_insurance_alert(self):
        self._get_origins("collection.insurance.alert").action_seen()

    @api.model
    def _get_sources(self):
        return [*super()._get_sources(), self._select_insurance_alerts()]

    @api.model
    def _select_insurance_alerts(self):
        return SQL(
            """
            SELECT alert.id * 32::bigint + 20, '2_insurance', alert.kind, alert.case_id, NULL,
                   alert.found_on, alert.user_id, NULL
              FROM collection_insurance_alert alert
             WHERE alert.state = 'open'
            """
        )
