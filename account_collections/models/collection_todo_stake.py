from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ..engine.stake import OTHER, Stake
from .collection_todo_call import CALLS


class CollectionTodo(models.Model):
    """What is at stake in each row, by ``engine/stake.py``: the order of the day."""

    _inherit = "collection.todo"
    _order = "is_waiting, stake desc, date, id"

    unpaid = fields.Float(
        "Not Paid by Itself",
        readonly=True,
        aggregator=None,
        help="Probability that it is not paid within two weeks if nobody asks.",
    )
    lift = fields.Float("Work Brings In", readonly=True, aggregator=None)
    minutes = fields.Float(readonly=True, help="What such work takes, on average.")
    gain = fields.Monetary(
        "At Stake", readonly=True, help="What is expected to come in because of the work."
    )
    stake = fields.Monetary(
        "At Stake per Minute",
        readonly=True,
        aggregator="max",
        help="What is expected to come in because of the work, by the minutes it takes.",
    )
    is_waiting = fields.Boolean(
        readonly=True, help="Now is no hour to call: everything else comes first."
    )
    stake_text = fields.Text("Why This Order", compute="_compute_stake_text")

    @property
    def _table_query(self):
        """Every kind of work with its figures: the engine's formula, for all rows at once.

        Minutes are made floats kind by kind, hence ``OFFSET``: row by row it takes half the time of
        the groups of My Day.
        """
        return SQL(
            """
            SELECT work.*, effort.lift, effort.minutes, figured.gain,
                   figured.gain / effort.minutes AS stake,
                   work.kind = %(calls)s AND NOT work.is_callable AS is_waiting
              FROM (%(work)s) work
         LEFT JOIN (SELECT kind, lift, minutes::float8 AS minutes
                      FROM collection_work_kind OFFSET 0) known ON known.kind = work.kind
        CROSS JOIN LATERAL (SELECT COALESCE(known.lift, %(lift)s)::float8 AS lift,
                                   COALESCE(known.minutes, %(minutes)s)::float8 AS minutes
                   ) effort
        CROSS JOIN LATERAL (SELECT GREATEST(work.amount, 0) * work.unpaid * effort.lift AS gain
                   ) figured
            """,
            calls=CALLS,
            work=super()._table_query,
            lift=OTHER.lift,
            minutes=OTHER.minutes,
        )

    @api.depends_context("lang")
    @api.depends("amount", "unpaid", "lift", "minutes")
    def _compute_stake_text(self):
        """Tell the formula with the figures of the row."""
        for todo in self:
            stake = Stake(todo.amount, todo.unpaid, todo.lift, todo.minutes)
            todo.stake_text = self.env._(
                "Of %(amount)s, %(unpaid)s %% will probably not be paid within two weeks "
                "by itself: %(at_risk)s at risk.\n"
                "Work of this kind brings in %(lift)s %% of that: %(gain)s are at stake.\n"
                "It takes %(minutes)s minutes: %(per_minute)s per minute.",
                amount=todo._format_money(stake.amount),
                unpaid=round(stake.unpaid * 100),
                at_risk=todo._format_money(stake.at_risk),
                lift=round(stake.lift * 100),
                gain=todo._format_money(stake.gain),
                minutes=f"{stake.minutes:g}",
                per_minute=todo._format_money(stake.per_minute),
            )

    def _format_money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def action_why_stake(self):
        """Show where the figure comes from."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why This Order?"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
