from odoo import api, fields, models
from odoo.tools import SQL, formatLang
from odoo.tools.translate import LazyTranslate

from ..engine.score import LETTERS, Known, rate
from .collection_rows import INTEGER, JSON, TEXT, array

_lt = LazyTranslate(__name__)

#: What the terms are called.
TERMS = {
    "punctuality": _lt("Punctuality"),
    "trend": _lt("Trend"),
    "overdue": _lt("Overdue now"),
    "promises": _lt("Promises kept"),
    "disputes": _lt("Disputes"),
    "trust": _lt("Degree of trust"),
    "grade": _lt("Insurer's grade"),
}

#: Columns that the score is made of.
FACTS = (
    "id", "partner_id", "paid_count", "paid_amount", "late_weighted", "trend", "exposure",
    "overdue", "oldest_due", "promise_count", "promise_kept_rate", "dispute_count",
)  # fmt: skip


class CollectionBehaviour(models.Model):
    """One score and one letter for how safely a customer pays: it advises, it decides nothing."""

    _inherit = "collection.behaviour"

    score = fields.Integer(
        readonly=True, aggregator="avg", help="From 0 to 100; see the terms that it is made of."
    )
    letter = fields.Selection(
        [(name, name) for name, _least in LETTERS],
        string="Rating",
        readonly=True,
        index="btree_not_null",
        help="A is best; empty: nothing is known yet.",
    )
    terms = fields.Json("Terms by Code", readonly=True)
    terms_text = fields.Text("Terms", compute="_compute_terms_text")

    @api.depends_context("lang")
    @api.depends("terms")
    def _compute_terms_text(self):
        for behaviour in self:
            behaviour.terms_text = "\n".join(
                behaviour._tell_term(*term) for term in behaviour.terms or []
            )

    def _tell_term(self, code, points, most, amount):
        values = {"term": self.env._(TERMS[code]), "points": points, "most": most}
        if not amount:
            return self.env._("%(term)s: %(points)s of %(most)s points", **values)
        values["amount"] = formatLang(self.env, amount, currency_obj=self.currency_id)
        return self.env._("%(term)s: %(points)s of %(most)s points (on %(amount)s)", **values)

    # === COMPUTE === #

    @api.model
    def _refresh(self, company, today):
        stale = super()._refresh(company, today)
        self._rate(company, today)
        return stale

    @api.model
    def _get_grades(self, company, partners):
        """Return {customer: grade from 0 (worst) to 1}: of insurers and agencies, by add-ons."""
        return {}

    @api.model
    def _rate(self, company, today):
        """Give every customer of ``company`` its score, where it differs."""
        rows = self._query_facts(company)
        partners = self.env["res.partner"].browse(row["partner_id"] for row in rows)
        trust = {partner.id: partner.trust for partner in partners.with_company(company)}
        grades = self._get_grades(company, partners)
        weights = company._get_collection_weights()
        found = []
        for row in rows:
            partner = row["partner_id"]
            known = self._prepare_known(row, trust[partner], grades.get(partner), today)
            found.append((row["id"], rate(known, weights)))
        self._write_scores(found)

    @api.model
    def _query_facts(self, company):
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM collection_behaviour WHERE company_id = %s",
                SQL(", ").join(SQL.identifier(name) for name in FACTS),
                company.id,
            )
        )
        return [dict(zip(FACTS, row)) for row in rows]

    @api.model
    def _prepare_known(self, row, trust, grade, today):
        """Return the engine's facts; the columns are empty where nothing is known."""
        paid, oldest = row["paid_count"] or 0, row["oldest_due"]
        return Known(
            late=row["late_weighted"],
            paid=float(row["paid_amount"] or 0),
            trend=row["trend"],
            exposure=float(row["exposure"] or 0),
            overdue=float(row["overdue"] or 0),
            days_overdue=(today - oldest).days if oldest else 0,
            kept=row["promise_kept_rate"] if row["promise_count"] else None,
            contested=row["dispute_count"] / paid if paid else None,
            trust=trust,
            grade=grade,
        )

    @api.model
    def _write_scores(self, found):
        """Write pairs (id, the engine's score)."""
        columns = (
            (INTEGER, [key for key, _score in found]),
            (INTEGER, [one.score for _key, one in found]),
            (TEXT, [one.letter for _key, one in found]),
            (JSON, [self._tell_terms(one.terms) for _key, one in found]),
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_behaviour known
                   SET score = fresh.score, letter = fresh.letter, terms = fresh.terms
                  FROM UNNEST(%s) fresh(id, score, letter, terms)
                 WHERE known.id = fresh.id
                   AND (known.score, known.letter, known.terms)
                       IS DISTINCT FROM (fresh.score, fresh.letter, fresh.terms)
                """,
                SQL(", ").join(SQL("%s::%s", array(values), kind) for kind, values in columns),
            )
        )
        self.invalidate_model(["score", "letter", "terms"])

    @api.model
    def _tell_terms(self, terms):
        rows = (
            f'["{term.code}", {round(term.points)}, {round(term.most)}, {round(term.amount, 2)}]'
            for term in terms
        )
        return f"[{', '.join(rows)}]"
