from odoo import api, fields, models
from odoo.tools import SQL, formatLang

PROMISES, PLANS = "7_promise", "8_plan"


class CollectionTodo(models.Model):
    _inherit = "collection.todo"

    kind = fields.Selection(
        selection_add=[
            (PROMISES, "Promises due"),
            (PLANS, "Instalment plans to approve"),
        ]
    )

    @api.depends("kind")
    def _compute_label(self):
        """Amounts are written as the reader writes them, which the database does not know."""
        super()._compute_label()
        promises = self.filtered(lambda todo: todo.kind == PROMISES)
        for todo, promise in zip(promises, promises._get_origins("collection.promise")):
            todo.label = promise.display_name
        plans = self.filtered(lambda todo: todo.kind == PLANS)
        for todo, plan in zip(plans, plans._get_origins("collection.plan")):
            todo.label = self.env._(
                "%(amount)s in %(count)s instalments",
                amount=formatLang(self.env, plan.amount, currency_obj=plan.currency_id),
                count=plan.line_count,
            )

    @api.model
    def _get_sources(self):
        return [*super()._get_sources(), self._select_promises(), self._select_plans()]

    @api.model
    def _select_promises(self):
        """Open promises whose day has come: did the money come too?"""
        return SQL(
            """
            SELECT promise.id * 32::bigint + 8, '7_promise',
                   CONCAT(promise.amount, ' ', currency.name), promise.case_id, NULL,
                   promise.check_date, NULL, promise.amount_company
              FROM collection_promise promise
              JOIN res_currency currency ON currency.id = promise.currency_id
             WHERE promise.state = 'open' AND promise.date <= %(today)s
            """,
            today=fields.Date.context_today(self),
        )

    @api.model
    def _select_plans(self):
        return SQL(
            """
            SELECT plan.id * 32::bigint + 9, '8_plan',
                   CONCAT(plan.amount, ' ', currency.name), plan.case_id, NULL,
                   plan.write_date::date, NULL, plan.amount_company
              FROM collection_plan plan
              JOIN res_currency currency ON currency.id = plan.currency_id
             WHERE plan.state = 'draft' AND plan.approval_asked
               AND plan.approved_by_id IS NULL
            """
        )

    @api.model
    def _select_activities(self):
        """An activity about a promise that is due has a row of its own already."""
        return SQL(
            """%s AND NOT EXISTS (SELECT FROM collection_promise promise
                                   WHERE promise.activity_id = activity.id
                                     AND promise.state = 'open')""",
            super()._select_activities(),
        )
