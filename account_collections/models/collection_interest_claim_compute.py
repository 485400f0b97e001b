from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL, format_date

from ..engine import interest
from .collection_interest_claim import FINAL, RUNNING
from .collection_ledger import id_array
from .collection_rows import AMOUNT, DATE, INTEGER, TEXT, write_rows
from .res_partner_interest import BUSINESS, CONSUMER

COLUMNS = {
    "line_id": INTEGER, "move_id": INTEGER, "move_name": TEXT, "case_id": INTEGER,
    "company_id": INTEGER, "partner_id": INTEGER, "currency_id": INTEGER, "date_due": DATE,
    "principal": AMOUNT, "date_from": DATE, "date_to": DATE, "days": INTEGER,
    "interest": AMOUNT, "compensation": AMOUNT, "amount": AMOUNT, "amount_company": AMOUNT,
    "status": TEXT, "problem": TEXT, "computed_on": DATE,
}  # fmt: skip

#: Notes whose lines are dealt with: a draft holds what it claims.
STANDING = ("draft", "approved", "booked", "waived")


@dataclass(slots=True)
class LateDebt:
    """A late debt of the ledger, and what may be claimed of it. Amounts in its own currency.

    :ivar ratio: company currency to its own
    :ivar since: last day that a note billed or waived
    :ivar is_compensated: the compensation of its document was billed or waived
    :ivar cuts: [value date, amount, whether a credit note]
    :ivar missing: first day of the half-year whose rate is missing
    """

    line: int
    move: int
    name: str
    case: int
    partner: int
    currency: int
    due: date
    origin: date
    amount: Decimal
    ratio: Decimal
    since: date | None
    is_compensated: bool
    is_disputed: bool
    cuts: list
    periods: list = field(default_factory=list)
    compensation: Decimal = Decimal(0)
    problem: str | None = None
    missing: date | None = None

    @property
    def debt(self):
        cuts = tuple((day, amount) for day, amount, _is_credit in self.cuts)
        return interest.Debt(self.due, self.amount, cuts)

    @property
    def interest(self):
        return sum((one.amount for one in self.periods), Decimal(0))

    def explain(self, env):
        """Return what a problem means for this very debt, None where its label says all."""
        if not self.missing:
            return None
        return env._(
            "the rate of the half-year from %(date)s is missing",
            date=format_date(env, self.missing),
        )


class CollectionInterestClaim(models.Model):
    """From the ledger to what may be claimed: a constant number of queries for a company."""

    _inherit = "collection.interest.claim"

    @api.model
    def _refresh(self, company, today=None, lines=None):
        """Bring the claims of ``company`` up to date.

        :param list lines: only of these receivable lines
        """
        self.env.flush_all()
        today = today or company._collection_today()
        debts = self._compute_debts(company, today, lines) if company.collection_interest else []
        rows = [
            self._prepare_row(company, debt, today)
            for debt in debts
            if debt.problem or debt.periods or debt.compensation
        ]
        if rows:
            write_rows(self.env, self._table, COLUMNS, 1, rows)
        self.env.cr.execute(
            SQL(
                """DELETE FROM collection_interest_claim
                    WHERE company_id = %s AND NOT line_id = ANY(%s) AND %s""",
                company.id,
                id_array([row["line_id"] for row in rows]),
                SQL("TRUE") if lines is None else SQL("line_id = ANY(%s)", id_array(lines)),
            )
        )
        self._update_cases(company)
        self.invalidate_model()

    @api.model
    def _prepare_row(self, company, debt, today):
        amount = debt.interest + debt.compensation
        rest = debt.periods or [None]
        return {
            "line_id": debt.line,
            "move_id": debt.move,
            "move_name": debt.name,
            "case_id": debt.case,
            "company_id": company.id,
            "partner_id": debt.partner,
            "currency_id": debt.currency,
            "date_due": debt.due,
            "principal": debt.amount,
            "date_from": rest[0] and rest[0].first,
            "date_to": rest[-1] and rest[-1].last,
            "days": sum(one.days for one in debt.periods),
            "interest": debt.interest,
            "compensation": debt.compensation,
            "amount": amount,
            "amount_company": round(amount * debt.ratio, company.currency_id.decimal_places),
            "status": FINAL if interest.last_day(debt.debt) else RUNNING,
            "problem": debt.problem,
            "computed_on": today,
        }

    @api.model
    def _update_cases(self, company):
        """Write the total of each case, where it differs."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_case cases
                   SET interest_claimable = fresh.amount
                  FROM (SELECT owner.id, COALESCE(SUM(claim.amount_company), 0) AS amount
                          FROM collection_case owner
                     LEFT JOIN collection_interest_claim claim
                            ON claim.case_id = owner.id AND claim.problem IS NULL
                         WHERE owner.company_id = %s
                      GROUP BY owner.id) fresh
                 WHERE cases.id = fresh.id
                   AND COALESCE(cases.interest_claimable, 0) <> fresh.amount
                """,
                company.id,
            )
        )
        self.env["collection.case"].invalidate_model(["interest_claimable"])

    # === COMPUTE === #

    @api.model
    def _compute_debts(self, company, today, lines=None):
        """Return the :class:`LateDebt` of the company's customers, with what may be claimed."""
        debts = self._query_debts(company, lines=lines, since=company.collection_interest_since,
                                  today=today)  # fmt: skip
        law = company._get_interest_law()
        self._find_problems(company, debts, law)
        if law:
            terms = self._get_terms(company, debts, law)
            for debt in debts:
                if not debt.problem:
                    self._apply_terms(debt, terms[debt.partner], today)
            if company.collection_interest_compensation:
                self._add_compensation(company, debts, law)
        return debts

    @api.model
    def _get_terms(self, company, debts, law):
        """Return {customer id: the engine's terms}; a rate of its own goes before the company's."""
        customers = self.env["res.partner"].with_company(company)
        customers = customers.browse({debt.partner for debt in debts})
        by_rate = {}
        found = {}
        for customer in customers:
            rate = customer.collection_interest_rate or company.collection_interest_rate
            if rate not in by_rate:
                by_rate[rate] = law._get_terms(rate)
            found[customer.id] = by_rate[rate]
        return found

    @api.model
    def _find_problems(self, company, debts, law):
        customers = self.env["res.partner"].browse({debt.partner for debt in debts})
        forms = {customer.id: customer._get_collection_legal_form() for customer in customers}
        cases = self.env["collection.case"].browse({debt.case for debt in debts})
        insolvent = {case.id: case for case in cases if case.state == "insolvency"}
        for debt in debts:
            form, case = forms[debt.partner], insolvent.get(debt.case)
            if form == CONSUMER:
                debt.problem = "consumer"
            elif form != BUSINESS:
                debt.problem = "unknown_form"
            elif case and not case._collection_charges_allowed(debt.origin):
                debt.problem = "insolvency"
            elif not law:
                debt.problem = "no_law"
            elif debt.is_disputed:
                debt.problem = "disputed"

    @api.model
    def _apply_terms(self, debt, terms, today):
        places = self.env["res.currency"].browse(debt.currency).decimal_places
        try:
            debt.periods = interest.periods(debt.debt, terms, today, debt.since, places)
        except interest.MissingRate as missing:
            debt.problem, debt.missing = "no_rate", missing.first

    @api.model
    def _add_compensation(self, company, debts, law):
        """Compensation is due once for each document, with the first of its late instalments."""
        by_move = defaultdict(list)
        for debt in debts:
            by_move[debt.move].append(debt)
        tiers = law._get_tiers()
        for instalments in by_move.values():
            first = min(instalments, key=lambda one: (one.due, one.line))
            if first.problem or first.is_compensated:
                continue
            currency = self.env["res.currency"].browse(first.currency)
            day = first.due
            total = sum(debt.amount for debt in instalments)
            legal = currency._convert(float(total), law.currency_id, company, day)
            amount = interest.compensation(Decimal(str(legal)), tiers)
            own = law.currency_id._convert(float(amount), currency, company, day)
            first.compensation = round(Decimal(str(own)), currency.decimal_places)

    # === THE LEDGER === #

    @api.model
    def _query_debts(self, company, lines=None, since=None, today=None):
        """Return the late debts of ``company``: still open, or paid after they were due.

        :param list lines: only these receivable lines
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (line.id)
                       line.id, line.move_id, move.name, debtor.case_id,
                       customer.commercial_partner_id, line.currency_id, late.due, %(origin)s,
                       line.amount_currency::text, (line.balance / line.amount_currency)::text,
                       billed.until, compensated.found IS NOT NULL, held.line_id IS NOT NULL,
                       COALESCE(settled.cuts, '[]'::json)
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                  JOIN account_journal journal ON journal.id = line.journal_id
                  JOIN account_move move ON move.id = line.move_id
                  JOIN res_partner customer ON customer.id = line.partner_id
            CROSS JOIN LATERAL (SELECT COALESCE(line.date_maturity, line.date) AS due) late
            CROSS JOIN LATERAL (SELECT line.balance AS amount, line.amount_currency) item
                  %(debtor)s
             LEFT JOIN LATERAL (%(settled)s) settled ON TRUE
             LEFT JOIN (%(billed)s) billed ON billed.line_id = line.id
             LEFT JOIN (%(compensated)s) compensated ON compensated.found = line.move_id
             LEFT JOIN (%(held)s) held ON held.line_id = line.id
                 WHERE line.company_id = %(company)s
                   AND line.parent_state = 'posted'
                   AND account.account_type = 'asset_receivable'
                   AND account.non_trade IS NOT TRUE
                   AND line.balance > 0 AND line.amount_currency > 0
                   AND line.no_followup IS NOT TRUE
                   AND journal.type NOT IN ('bank', 'cash', 'credit')
                   AND move.collection_assigned IS NOT TRUE
                   AND move.collection_deposit IS NOT TRUE
                   AND late.due BETWEEN %(since)s AND %(last)s
                   AND (line.reconciled IS NOT TRUE OR settled.latest > late.due)
                   AND NOT EXISTS (SELECT FROM collection_interest_note note
                                    WHERE note.move_id = move.id)
                   AND %(lines)s
              ORDER BY line.id, debtor.role = 'payer', debtor.id
                """,
                origin=self.env["collection.insolvency"]._origin_sql(),
                debtor=self.env["collection.debtor"]._join_sql(),
                settled=self._settled_sql(),
                billed=self._dealt_with_sql(),
                compensated=self._compensated_sql(),
                held=self.env["collection.dispute"]._held_sql(),
                company=company.id,
                since=since or date.min,
                last=today - interest.DAY if today else date.max,
                lines=SQL("TRUE") if lines is None else SQL("line.id = ANY(%s)", id_array(lines)),
            )
        )
        return [self._read_debt(*row) for row in rows]

    @api.model
    def _read_debt(self, *row):
        *keys, amount, ratio, since, is_compensated, is_disputed, cuts = row
        return LateDebt(
            *keys, Decimal(amount), Decimal(ratio), since, is_compensated, is_disputed,
            [(date.fromisoformat(day), Decimal(cut), is_credit) for day, cut, is_credit in cuts],
        )  # fmt: skip

    @api.model
    def _settled_sql(self):
        """Return what settled ``line``, by value date: that of the payment, or of the entry."""
        return SQL(
            """
            SELECT MAX(cut.day) AS latest,
                   json_agg(json_build_array(cut.day, cut.amount::text, cut.is_credit)) AS cuts
              FROM (SELECT COALESCE(payment.date, other.date) AS day,
                           partial.debit_amount_currency AS amount,
                           credit.move_type = 'out_refund' AS is_credit
                      FROM account_partial_reconcile partial
                      JOIN account_move_line other ON other.id = partial.credit_move_id
                      JOIN account_move credit ON credit.id = other.move_id
                 LEFT JOIN account_payment payment ON payment.id = other.payment_id
                     WHERE partial.debit_move_id = line.id
                       AND partial.debit_amount_currency <> 0) cut
            """
        )

    @api.model
    def _dealt_with_sql(self):
        """Return (line_id, until) of interest that notes bill or waive."""
        return SQL(
            """
            SELECT part.line_id, MAX(part.date_to) AS until
              FROM collection_interest_line part
              JOIN collection_interest_note note ON note.id = part.note_id
             WHERE part.kind = 'interest' AND note.state IN %s
          GROUP BY part.line_id
            """,
            STANDING,
        )

    @api.model
    def _compensated_sql(self):
        return SQL(
            """
            SELECT DISTINCT part.move_id AS found
              FROM collection_interest_line part
              JOIN collection_interest_note note ON note.id = part.note_id
             WHERE part.kind = 'compensation' AND note.state IN %s
            """,
            STANDING,
        )
