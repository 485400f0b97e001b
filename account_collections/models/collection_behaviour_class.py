from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

from ..engine import classes
from ..engine.classes import Habits, classify
from .collection_rows import INTEGER, array

_lt = LazyTranslate(__name__)

#: What the engine's classes are called, for segments and levels.
LABELS = [
    (classes.GOOD_PAYER, "Usual good payer"),
    (classes.CHRONIC_LATE, "Chronic late payer"),
    (classes.PREDICTED_LATE, "Predicted late"),
    (classes.BROKEN_PROMISE, "Breaks promises"),
]

#: Field of each class.
FIELDS = {
    classes.GOOD_PAYER: "is_good_payer",
    classes.CHRONIC_LATE: "is_chronic_late",
    classes.PREDICTED_LATE: "is_predicted_late",
    classes.BROKEN_PROMISE: "breaks_promises",
}

#: Why a customer is of a class.
SENTENCES = {
    classes.GOOD_PAYER: _lt(
        "Usual good payer: four documents in five are paid within %(value)s days of their due "
        "date (limit: %(limit)s)."
    ),
    classes.CHRONIC_LATE: _lt(
        "Chronic late payer: half of the documents are paid %(value)s days late or more "
        "(limit: %(limit)s)."
    ),
    classes.PREDICTED_LATE: _lt(
        "Predicted late: what is not due yet will be paid late with a probability of "
        "%(value)s %% (limit: %(limit)s %%)."
    ),
    classes.BROKEN_PROMISE: _lt("Breaks promises: %(value)s were not kept (limit: %(limit)s)."),
}

#: A boolean array's type.
BOOLEAN = SQL("boolean[]")


class CollectionBehaviour(models.Model):
    """Classes of customers, by ``engine/classes.py``, and a warning when promises break."""

    _inherit = "collection.behaviour"

    risk_ahead = fields.Float(
        "Risk Ahead",
        readonly=True,
        aggregator=None,
        help="Probability, by amount, that what is not due yet is paid late; by the last run.",
    )
    is_good_payer = fields.Boolean("Usual Good Payer", readonly=True)
    is_chronic_late = fields.Boolean("Chronic Late Payer", readonly=True)
    is_predicted_late = fields.Boolean("Predicted Late", readonly=True)
    breaks_promises = fields.Boolean("Breaks Promises", readonly=True)
    breaking_since = fields.Date(
        "Breaking Promises since", readonly=True, help="Day on which that was first seen."
    )
    classes_text = fields.Text("Classes", compute="_compute_classes_text")

    @api.depends_context("lang")
    @api.depends("is_good_payer", "is_chronic_late", "is_predicted_late", "breaks_promises")
    def _compute_classes_text(self):
        for behaviour in self:
            limits = behaviour.company_id._get_collection_class_limits()
            told = {
                classes.GOOD_PAYER: (round(behaviour.late_p80), limits.good),
                classes.CHRONIC_LATE: (round(behaviour.late_median), limits.chronic),
                classes.PREDICTED_LATE: (
                    round(behaviour.risk_ahead * 100),
                    round(limits.risk * 100),
                ),
                classes.BROKEN_PROMISE: (behaviour._get_broken(), limits.broken),
            }
            behaviour.classes_text = "\n".join(
                self.env._(SENTENCES[name]) % dict(zip(("value", "limit"), told[name]))
                for name in classes.CLASSES
                if behaviour[FIELDS[name]]
            )

    def _get_broken(self):
        return round(self.promise_count * (1 - self.promise_kept_rate))

    # === COMPUTE === #

    @api.model
    def _classify(self, company, today):
        """Bring the classes of a company's customers up to date, once it is predicted.

        Whoever works on the case is told of customers that have begun to break promises; not of
        those who did when they were looked at for the first time.
        """
        self._write_risks(company, today)
        limits = company._get_collection_class_limits()
        found = [
            (key, classify(Habits(paid or 0, p80, median, risk, broken), limits))
            for key, paid, p80, median, risk, broken in self._query_habits(company)
        ]
        for behaviour in self.browse(self._write_classes(found, today)).filtered("case_id"):
            behaviour.case_id._give_task(today, behaviour._tell_broken)

    def _tell_broken(self, case):
        return case.env._(
            "%(customer)s breaks promises: %(count)s were not kept",
            customer=self.partner_id.display_name,
            count=self._get_broken(),
        )

    @api.model
    def _write_risks(self, company, today):
        """Write how probably what is not due yet is paid late, where it differs."""
        items = self.env["collection.ledger"]._open_items_sql(
            SQL(
                """prediction.behaviour_id AS id,
                   SUM(item.amount * prediction.risk_late) / SUM(item.amount) AS risk"""
            ),
            joins=SQL("JOIN collection_prediction prediction ON prediction.line_id = line.id"),
            where=SQL(
                """line.company_id = %s AND item.amount > 0
                   AND COALESCE(line.date_maturity, line.date) >= %s""",
                company.id,
                today,
            ),
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_behaviour known SET risk_ahead = fresh.risk
                  FROM collection_behaviour old
             LEFT JOIN (SELECT id, ROUND(risk::numeric, 4)::float8 AS risk
                          FROM (%s GROUP BY 1) ahead) fresh ON fresh.id = old.id
                 WHERE known.id = old.id AND old.company_id = %s
                   AND old.risk_ahead IS DISTINCT FROM fresh.risk
                """,
                items,
                company.id,
            )
        )
        self.invalidate_model(["risk_ahead"])

    @api.model
    def _query_habits(self, company):
        return self.env.execute_query(
            SQL(
                """SELECT id, paid_count, late_p80, late_median, risk_ahead,
                          COALESCE(ROUND(promise_count * (1 - promise_kept_rate)), 0)
                     FROM collection_behaviour WHERE company_id = %s""",
                company.id,
            )
        )

    @api.model
    def _write_classes(self, found, today):
        """Write pairs (id, classes), and return the ids of those that began to break promises."""
        names = tuple(FIELDS)
        columns = SQL(", ").join(
            SQL("%s::%s", array(name in of for _key, of in found), BOOLEAN) for name in names
        )
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE collection_behaviour known
                   SET is_good_payer = fresh.good, is_chronic_late = fresh.chronic,
                       is_predicted_late = fresh.predicted, breaks_promises = fresh.breaks,
                       breaking_since = CASE WHEN fresh.breaks
                                             THEN COALESCE(known.breaking_since, %(today)s) END
                  FROM collection_behaviour old
                  JOIN UNNEST(%(keys)s::%(integers)s, %(columns)s)
                       fresh(id, good, chronic, predicted, breaks) ON fresh.id = old.id
                 WHERE known.id = old.id
                   AND (old.is_good_payer, old.is_chronic_late, old.is_predicted_late,
                        old.breaks_promises)
                       IS DISTINCT FROM
                       (fresh.good, fresh.chronic, fresh.predicted, fresh.breaks)
             RETURNING known.id, fresh.breaks AND old.breaks_promises IS FALSE
                """,
                today=today,
                keys=array(key for key, _of in found),
                integers=INTEGER,
                columns=columns,
            )
        )
        self.invalidate_model([*FIELDS.values(), "breaking_since"])
        return [key for key, is_new in rows if is_new]
