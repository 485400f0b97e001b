from odoo import api, fields, models
from odoo.tools import SQL

#: Days of sales that a DSO compares with, and in which debts fell due that are looked back on.
WINDOW = 90

#: Amounts as they stood on the day: of several days the mean is told, never the sum.
STOCKS = (
    "outstanding", "debts", "credits", "not_due", "overdue",
    "age_1", "age_2", "age_3", "age_4", "age_5",
    "at_risk", "still_unpaid", "item_count", "overdue_count", "customer_count",
    "late_customer_count", "sales_window", "sales_year", "fallen_due", "paid_on_time",
    "disputed", "dispute_count", "promised_open",
)  # fmt: skip

#: What happened since the first of the month, until and including the day.
FLOWS = (
    "sales", "cash", "paid", "paid_days", "late_days",
    "promise_count", "promise_kept_count", "promised", "promise_received",
    "resolved_count", "resolved_amount", "resolve_days", "resolve_amount_days",
    "reminder_count",
)  # fmt: skip

#: Ratio → (factor, what is added up, by what it is divided); see ``engine/indicators.py``.
RATIOS = {
    "dso": (WINDOW, "outstanding", "sales_window"),
    "delinquent_days": (WINDOW, "overdue", "sales_window"),
    "overdue_rate": (100, "overdue", "debts"),
    "dispute_rate": (100, "disputed", "debts"),
    "risk_rate": (100, "at_risk", "debts"),
    "unpaid_rate": (100, "still_unpaid", "fallen_due"),
    "cash_efficiency": (100, "paid_on_time", "fallen_due"),
    "days_to_pay": (1, "paid_days", "paid"),
    "days_late": (1, "late_days", "paid"),
    "promise_kept_rate": (100, "promise_kept_count", "promise_count"),
    "promise_kept_amount_rate": (100, "promise_received", "promised"),
    "resolution_days": (1, "resolve_days", "resolved_count"),
}


def ratio_sql(name, column):
    """Return a ratio in SQL, NULL where it is not defined.

    :param column: function from the name of a summand to its SQL
    """
    factor, part, whole = RATIOS[name]
    return SQL(
        "CASE WHEN %(whole)s > 0 THEN %(factor)s * %(part)s / %(whole)s END::float8",
        whole=column(whole),
        factor=factor,
        part=column(part),
    )


def _amount(label, text=None):
    return fields.Monetary(label, readonly=True, help=text)


def _count(label):
    return fields.Integer(label, readonly=True)


def _ratio(label, text):
    return fields.Float(label, digits=(16, 1), readonly=True, aggregator="avg", help=text)


class CollectionSnapshot(models.Model):
    """Receivables at the end of a day, by owner, team, segment, country and salesperson.

    Rows hold what can be added up; ratios of several rows are computed from their sums. The
    last day of each month is its ``closing``: charts by month read nothing else.
    """

    _name = "collection.snapshot"
    _description = "Receivables at the End of a Day"
    _order = "date desc, id"
    _rec_name = "date"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    closing = fields.Boolean("End of a Month", readonly=True, help="Or the last day so far.")
    user_id = fields.Many2one("res.users", string="Owner", readonly=True, ondelete="set null")
    team_id = fields.Many2one("collection.team", readonly=True, ondelete="set null")
    scenario_id = fields.Many2one(
        "collection.scenario", string="Segment", readonly=True, ondelete="set null"
    )
    country_id = fields.Many2one("res.country", readonly=True, ondelete="set null")
    salesperson_id = fields.Many2one("res.users", readonly=True, ondelete="set null")

    outstanding = _amount("Outstanding", "All that is open, less credits.")
    debts = _amount("Debts", "What is open before credits.")
    credits = _amount("Credits", "Credit notes and payments that nothing was paid with yet.")
    not_due = _amount("Not Due")
    overdue = _amount("Overdue", "Debts past their due date.")
    age_1 = _amount("1st Bucket Overdue")
    age_2 = _amount("2nd Bucket Overdue")
    age_3 = _amount("3rd Bucket Overdue")
    age_4 = _amount("4th Bucket Overdue")
    age_5 = _amount("Oldest Overdue")
    at_risk = _amount("At Risk", "Debts overdue for so long that they may be lost.")
    still_unpaid = _amount("Still Unpaid", "Of what fell due in the last 90 days.")
    item_count = _count("Open Items")
    overdue_count = _count("Overdue Items")
    customer_count = _count("Customers Who Owe")
    late_customer_count = _count("Customers Overdue")

    sales = _amount("Sales of the Month", "Tax included, less credit notes.")
    sales_window = _amount("Sales of 90 Days")
    sales_year = _amount("Sales of 365 Days")
    cash = _amount("Cash of the Month", "Received from customers, less what went back.")
    fallen_due = _amount("Fell Due in 90 Days")
    paid_on_time = _amount("Paid by Its Due Date", "Of what fell due in the last 90 days.")
    paid = _amount("Debts Paid in the Month")
    paid_days = _amount("Paid by Days to Pay")
    late_days = _amount("Paid by Days Late")

    disputed = _amount("Disputed")
    dispute_count = _count("Open Disputes")
    resolved_count = _count("Disputes Resolved in the Month")
    resolved_amount = _amount("Amount Resolved in the Month")
    resolve_days = _count("Days of Disputes Resolved")
    resolve_amount_days = _amount("Amount by Days of Disputes Resolved")
    promised_open = _amount("Promised")
    promise_count = _count("Promises Judged in the Month")
    promise_kept_count = _count("Promises Kept in the Month")
    promised = _amount("Promised, Judged in the Month")
    promise_received = _amount("Received for Promises")
    reminder_count = _count("Reminders of the Month")

    dso = _ratio("DSO", "Outstanding / sales of 90 days × 90.")
    delinquent_days = _ratio("Overdue in Days of Sales", "Overdue / sales of 90 days × 90.")
    overdue_rate = _ratio("Overdue, %", "Overdue / debts.")
    dispute_rate = _ratio("Disputed, %", "Disputed / debts.")
    risk_rate = _ratio("At Risk, %", "At risk / debts.")
    unpaid_rate = _ratio("Unpaid, %", "Of what fell due in the last 90 days.")
    cash_efficiency = _ratio("Paid on Time, %", "Of what fell due in the last 90 days.")
    days_to_pay = _ratio("Days to Pay", "By amount, of what was paid in the month.")
    days_late = _ratio("Days Late", "By amount, of what was paid in the month.")
    promise_kept_rate = _ratio("Promises Kept, %", "By number, of those judged in the month.")
    promise_kept_amount_rate = _ratio("Promises Kept, % of Amount", "Received / promised.")
    resolution_days = _ratio("Days to Resolve", "Of disputes resolved in the month.")

    _by_day = models.Index("(company_id, date)")
    _closings = models.Index("(company_id, date) WHERE closing")

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Buckets are called by the days that the company chose."""
        found = super().fields_get(allfields, attributes)
        for number, label in enumerate(self.env.company._get_bucket_labels(), 1):
            if "string" in found.get(f"age_{number}", ()):
                found[f"age_{number}"]["string"] = label
        return found

    def _read_group_select(self, aggregate_spec, query):
        """Ratios come from sums, and of several days the mean of what stood then is told."""
        name, _, function = aggregate_spec.partition(":")

        def total(column):
            return SQL("SUM(%s)", self._field_to_sql(self._table, column, query))

        if name in RATIOS and function == "avg":
            self._check_field_access(self._fields[name], "read")
            return ratio_sql(name, total)
        if name in STOCKS and function == "sum":
            self._check_field_access(self._fields[name], "read")
            days = SQL("COUNT(DISTINCT %s)", self._field_to_sql(self._table, "date", query))
            return SQL("%s / NULLIF(%s, 0)", total(name), days)
        return super()._read_group_select(aggregate_spec, query)
