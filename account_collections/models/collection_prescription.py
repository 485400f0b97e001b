from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import prescription
from .collection_ledger import id_array
from .collection_rows import DATE, INTEGER, TEXT, write_rows

COLUMNS = {
    "line_id": INTEGER, "company_id": INTEGER, "case_id": INTEGER, "date": DATE, "since": DATE,
    "cause": TEXT,
}  # fmt: skip

CAUSES = [
    (prescription.ACKNOWLEDGED, "Acknowledgement of debt"),
    (prescription.PAID, "Part-payment"),
    (prescription.NOTICE, "Formal notice"),
    (prescription.ACTION, "Legal action"),
    (prescription.TITLE, "Judgment"),
]

#: Promises made in writing acknowledge the debt.
WRITTEN = ("mail", "letter", "portal", "plan")


class CollectionPrescription(models.Model):
    """Until when an open item can be claimed in court, brought up to date each day.

    A row for each item of which the law of the company knows a term; `engine/prescription.py` has
    the arithmetic.
    """

    _name = "collection.prescription"
    _description = "Prescription of an Open Item"
    _order = "date, id"

    line_id = fields.Many2one(
        "account.move.line", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    case_id = fields.Many2one(
        "collection.case", required=True, readonly=True, ondelete="cascade", index=True
    )
    date = fields.Date(string="Prescribed after", readonly=True)
    since = fields.Date(string="Runs since", readonly=True)
    cause = fields.Selection(CAUSES, string="Interrupted by", readonly=True)
    warned_for = fields.Date(readonly=True, help="Day of which there was a warning.")

    _line_unique = models.UniqueIndex("(line_id)")
    _near = models.Index("(company_id, date)")

    # === REFRESH === #

    @api.model
    def _refresh(self, company, today=None, cases=None):
        """Bring the days of a company up to date, and warn of those that are near.

        :param cases: only of these
        """
        self.env.flush_all()
        where = SQL("TRUE") if cases is None else SQL("case_id = ANY(%s)", id_array(cases.ids))
        country = company._get_prescription_country()
        find = self.env["collection.prescription.term"]._get_finder(country)
        rows = list(self._compute_rows(company, find, where))
        if rows:
            write_rows(self.env, self._table, COLUMNS, 1, rows)
        self.env.cr.execute(
            SQL(
                """DELETE FROM collection_prescription
                    WHERE company_id = %s AND NOT line_id = ANY(%s) AND %s""",
                company.id,
                id_array(row["line_id"] for row in rows),
                where,
            )
        )
        self.invalidate_model()
        self.env["collection.item"].invalidate_model()
        self._warn(company, today or company._collection_today())

    @api.model
    def _compute_rows(self, company, find, where):
        items = self.env.execute_query(self._items_sql(company, where))
        events = defaultdict(list)
        for line, day, kind in self.env.execute_query(self._events_sql(company)):
            events[line].append((day, kind))
        customers = self.env["res.partner"].browse({item[2] for item in items})
        forms = {customer.id: customer._get_collection_legal_form() for customer in customers}
        for line, case, customer, completed, due in items:
            term = find(forms[customer], completed)
            if not term:
                continue
            found = prescription.prescribe(term, completed, due, events.get(line, ()))
            yield {
                "line_id": line, "company_id": company.id, "case_id": case,
                "date": found.last, "since": found.since, "cause": found.cause,
            }  # fmt: skip

    @api.model
    def _items_sql(self, company, where):
        """Return (line, case, customer, completed, due) of what customers owe; of an item that a
        payer shares, the customer's own case."""
        return self.env["collection.ledger"]._open_items_sql(
            SQL(
                """DISTINCT ON (line.id) line.id, debtor.case_id, customer.commercial_partner_id,
                   %s, COALESCE(line.date_maturity, line.date)""",
                self.env["collection.insolvency"]._origin_sql(),
            ),
            joins=SQL(
                "%s JOIN res_partner customer ON customer.id = line.partner_id",
                self.env["collection.debtor"]._join_sql(),
            ),
            where=SQL(
                """line.company_id = %s AND item.amount > 0 AND %s
                   ORDER BY line.id, debtor.role = 'payer', debtor.id""",
                company.id,
                where,
            ),
        )

    @api.model
    def _events_sql(self, company):
        """Return (line, day, kind) of what may interrupt, of items that are open."""
        return SQL(
            """
            SELECT event.line_id, event.day, event.kind
              FROM (%s) event
              JOIN account_move_line line ON line.id = event.line_id
             WHERE line.company_id = %s AND line.reconciled IS NOT TRUE
            """,
            SQL(" UNION ALL ").join(self._get_event_sources()),
            company.id,
        )

    @api.model
    def _get_event_sources(self):
        """Return queries (line_id, day, kind); add-ons may know more."""
        return [
            self._payments_sql(), self._promises_sql(), self._notices_sql(),
            self._interruptions_sql(),
        ]  # fmt: skip

    @api.model
    def _payments_sql(self):
        return SQL(
            """
            SELECT partial.debit_move_id AS line_id, COALESCE(payment.date, other.date) AS day,
                   %s AS kind
              FROM account_partial_reconcile partial
              JOIN account_move_line other ON other.id = partial.credit_move_id
              JOIN account_journal journal ON journal.id = other.journal_id
         LEFT JOIN account_payment payment ON payment.id = other.payment_id
             WHERE %s
            """,
            prescription.PAID,
            self.env["collection.ledger"]._is_money_sql(),
        )

    @api.model
    def _promises_sql(self):
        return SQL(
            """
            SELECT item.line_id, promise.date_made, %s
              FROM collection_promise promise
              JOIN collection_promise_item item ON item.promise_id = promise.id
             WHERE promise.channel = ANY(%s) AND promise.state <> 'cancelled'
            """,
            prescription.ACKNOWLEDGED,
            list(WRITTEN),
        )

    @api.model
    def _notices_sql(self):
        """A notice counts from its receipt, where that is known."""
        return SQL(
            """
            SELECT item.line_id, COALESCE(reminder.received_on, reminder.sent_at::date), %s
              FROM collection_reminder reminder
              JOIN collection_level level ON level.id = reminder.level_id AND level.formal_notice
              JOIN collection_reminder_item item ON item.reminder_id = reminder.id
             WHERE reminder.state = 'sent'
               AND COALESCE(reminder.received_on, reminder.sent_at::date) IS NOT NULL
            """,
            prescription.NOTICE,
        )

    @api.model
    def _interruptions_sql(self):
        return SQL(
            """
            SELECT line.id, interruption.date, interruption.kind
              FROM collection_interruption interruption
              JOIN collection_interruption_move_rel document
                ON document.interruption_id = interruption.id
              JOIN account_move_line line ON line.move_id = document.move_id
            """
        )

    # === WARN === #

    @api.model
    def _warn(self, company, today):
        """Give the case's owner and the credit manager a task for each case in which a debt is
        soon prescribed, once for each day."""
        if not company.collection_prescription_days:
            return
        near = self.search(
            [
                ("company_id", "=", company.id),
                ("date", ">=", today),
                ("date", "<=", fields.Date.add(today, days=company.collection_prescription_days)),
                ("case_id.state", "!=", "closed"),
            ]
        ).filtered(lambda one: one.warned_for != one.date)
        for case, own in near.grouped("case_id").items():
            for person in case._get_person_at_work() | company.collection_manager_id:
                words = self.with_context(lang=person.lang).env
                case.activity_schedule(
                    "mail.mail_activity_data_todo",
                    min(own.mapped("date")),
                    summary=words._("Prescription: have it acknowledged, or claim it in court"),
                    note=", ".join(own.line_id.move_id.mapped("name")),
                    user_id=person.id,
                )
        # Days are the product's: nobody writes them.
        for day, own in near.sudo().grouped("date").items():
            own.warned_for = day
