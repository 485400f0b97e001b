from decimal import Decimal

from odoo import fields, models
from odoo.tools import SQL, format_date

from ..engine.facts import CaseFacts, Policy
from ..engine.segment import Figures


class CollectionSegmentPreview(models.TransientModel):
    """Who falls where: every case with the scenario that takes it today, and those that none does.

    Counted on the ledger as it is now, with a constant number of queries whatever the number of
    cases; no decision is taken and nothing is written but the answer.
    """

    _name = "collection.segment.preview"
    _description = "Who Falls Under Which Scenario"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date = fields.Date(
        required=True, default=lambda self: self.env.company._collection_today()
    )
    line_ids = fields.One2many("collection.segment.line", "preview_id", readonly=True)

    def action_compute(self):
        """Give each case its scenario and show them, counted by scenario."""
        self.ensure_one()
        # The map of debtors may have to be made first; scenarios of cases are not changed.
        self.env["collection.debtor"].sudo()._sync(self.company_id)
        cases = self.env["collection.case"].search([("company_id", "=", self.company_id.id)])
        self.env["collection.segment.line"].search([("preview_id", "=", self.id)]).sudo().unlink()
        if cases:
            self._write_lines(cases)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "Who falls where on %(date)s", date=format_date(self.env, self.date)
            ),
            "res_model": "collection.segment.line",
            "view_mode": "list,pivot,graph",
            "domain": [("preview_id", "=", self.id)],
            "context": {"search_default_group_scenario": 1},
        }

    def _write_lines(self, cases):
        """Insert one line a case, in one statement."""
        figures, facts = self._choose(cases)
        columns = {
            "case_id": "int4",
            "scenario_id": "int4",
            "outstanding": "numeric",
            "overdue": "numeric",
            "days_overdue": "int4",
            "item_count": "int4",
        }
        rows = [
            (
                key,
                fact.scenario.key if fact.scenario else None,
                figures[key].outstanding,
                figures[key].overdue,
                figures[key].days_overdue,
                figures[key].items,
            )
            for key, fact in facts.items()
        ]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO collection_segment_line (
                    preview_id, case_id, scenario_id, outstanding, overdue, days_overdue,
                    item_count, current_id, answer, create_uid, create_date)
                SELECT %(preview)s, row.*, cases.scenario_id,
                       CASE WHEN row.scenario_id IS NULL THEN 'nowhere'
                            WHEN cases.forced_scenario_id IS NOT NULL THEN 'forced'
                            WHEN row.scenario_id = cases.scenario_id THEN 'stays'
                            ELSE 'moves' END,
                       %(uid)s, NOW() AT TIME ZONE 'UTC'
                  FROM %(rows)s
                  JOIN collection_case cases ON cases.id = row.case_id
                """,
                preview=self.id,
                uid=self.env.uid,
                rows=self.env["collection.apply"]._rows_sql(columns, rows),
            )
        )
        self.env["collection.segment.line"].invalidate_model()

    def _choose(self, cases):
        """Return ({case id: figures}, {case id: facts with the scenario that takes it})."""
        # Only cases that the user may see are asked for; what is measured of them is not theirs
        # alone to read.
        gather = self.env["collection.gather"].sudo()
        cases = cases.sudo()
        self.env.flush_all()
        facts = {
            row[0]: CaseFacts(row[0], None, Policy(), extra=gather._prepare_extra(row))
            for row in gather._query_cases(cases)
        }
        gather._add_measures(facts, cases, self.date)
        figures = dict.fromkeys(facts, None)
        for case, outstanding, overdue, items, oldest in self._query_figures(cases):
            figures[case] = Figures(
                Decimal(outstanding),
                Decimal(overdue),
                (self.date - oldest).days if oldest else 0,
                items,
                facts[case].extra["measures"],
            )
        for key, fact in facts.items():
            figures[key] = figures[key] or Figures(measures=fact.extra["measures"])
        gather._add_scenarios(facts, self.company_id, self.date, figures)
        return figures, facts

    def _query_figures(self, cases):
        """Measure open items as the engine does, summed up by the database."""
        due = SQL("COALESCE(line.date_maturity, line.date)")
        amount = self.env["collection.gather"]._amount_sql(self.company_id, self.date)
        late = SQL("%s > 0 AND %s < %s", amount, due, self.date)
        return self.env.execute_query(
            SQL(
                "%s GROUP BY debtor.case_id",
                self.env["collection.ledger"]._open_items_sql(
                    SQL(
                        """
                        debtor.case_id, SUM(%(amount)s)::text,
                        COALESCE(SUM(%(amount)s) FILTER (WHERE %(late)s), 0)::text,
                        COUNT(*) FILTER (WHERE %(late)s), MIN(%(due)s) FILTER (WHERE %(late)s)
                        """,
                        amount=amount,
                        late=late,
                        due=due,
                    ),
                    joins=self.env["collection.debtor"]._join_sql(),
                    where=SQL(
                        "debtor.case_id = ANY(%s) AND line.company_id = ANY(%s)",
                        cases.ids,
                        self.company_id._collection_cluster().ids,
                    ),
                ),
            )
        )


class CollectionSegmentLine(models.TransientModel):
    _name = "collection.segment.line"
    _description = "Scenario That Takes a Case"
    _order = "overdue desc, id"

    preview_id = fields.Many2one(
        "collection.segment.preview", required=True, ondelete="cascade", index=True
    )
    case_id = fields.Many2one("collection.case", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id")
    currency_id = fields.Many2one(related="case_id.company_id.currency_id")
    scenario_id = fields.Many2one("collection.scenario", ondelete="cascade")
    current_id = fields.Many2one(
        "collection.scenario", string="Scenario until Now", ondelete="cascade"
    )
    answer = fields.Selection(
        [
            ("stays", "Stays"),
            ("moves", "Changes scenario"),
            ("forced", "Forced by a person"),
            ("nowhere", "Falls nowhere"),
        ]
    )
    outstanding = fields.Monetary()
    overdue = fields.Monetary(help="Past its due date, before anything is netted or withheld.")
    days_overdue = fields.Integer(string="Days Late", aggregator="max")
    item_count = fields.Integer(string="Overdue Items")

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()
