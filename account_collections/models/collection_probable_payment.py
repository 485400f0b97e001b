from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .collection_gather_probable import PROBABLE, SHARED
from .res_company_probable import CERTAINTIES


class CollectionProbablePayment(models.Model):
    """Money that held a reminder: what arrived, whose it probably is, and who was told.

    Written by runs and departures, once for each money and case; it stays as proof.
    """

    _name = "collection.probable.payment"
    _description = "Probable Payment"
    _order = "id desc"
    _rec_name = "case_id"

    case_id = fields.Many2one("collection.case", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    statement_line_id = fields.Many2one(
        "account.bank.statement.line", index="btree_not_null", ondelete="cascade"
    )
    payment_id = fields.Many2one("account.payment", index="btree_not_null", ondelete="cascade")
    certainty = fields.Selection(CERTAINTIES, required=True)
    amount = fields.Monetary(string="Held", help="Company currency.")
    is_shared = fields.Boolean(
        string="Several Customers", help="It may as well be another customer's money."
    )
    date_until = fields.Date(string="Held until")
    is_allocated = fields.Boolean(
        string="Allocated", compute="_compute_is_allocated", compute_sudo=True
    )

    # The same money is told of once for each case, whatever it comes from.
    _line_unique = models.UniqueIndex(
        "(statement_line_id, case_id) WHERE statement_line_id IS NOT NULL"
    )
    _payment_unique = models.UniqueIndex("(payment_id, case_id) WHERE payment_id IS NOT NULL")

    @api.depends("statement_line_id.is_reconciled", "payment_id.is_reconciled")
    def _compute_is_allocated(self):
        for probable in self:
            source = probable.statement_line_id or probable.payment_id
            probable.is_allocated = source.is_reconciled

    def action_open_source(self):
        """Open the bank line's entry, or the payment, to allocate it."""
        self.ensure_one()
        return (self.statement_line_id.move_id or self.payment_id).get_formview_action()

    @api.model
    def _note(self, facts, decisions):
        """Remember what held something overdue, and tell the accountant of what is new.

        :param facts: {case id: facts}
        :param decisions: {case id: engine decision}
        """
        held = {}
        for case, made in decisions.items():
            probable = facts[case].extra.get("probable")
            if not probable or not facts[case].live:
                continue
            if made.situation.waiting.isdisjoint((PROBABLE, SHARED)):
                continue
            for (source, key), certainty, _item, amount, until, customers in probable:
                row = held.setdefault(
                    (source, key, case), [certainty, amount * 0, until, customers]
                )
                row[1] += amount
        if held:
            customers = {key[:2]: found[3] for key, found in held.items()}
            self._tell(self._insert(held), customers)

    def _insert(self, held):
        """Write what is new; return it."""
        columns = {
            "case_id": "int4",
            "statement_line_id": "int4",
            "payment_id": "int4",
            "certainty": "text",
            "amount": "numeric",
            "date_until": "date",
            "is_shared": "bool",
        }
        rows = [
            (
                case,
                key if source == "statement" else None,
                key if source == "payment" else None,
                certainty,
                amount,
                until,
                len(customers) > 1,
            )
            for (source, key, case), (certainty, amount, until, customers) in held.items()
        ]
        self.env.flush_all()
        names = SQL(", ").join(SQL.identifier(name) for name in columns)
        new = self.env.execute_query(
            SQL(
                """
                INSERT INTO collection_probable_payment (
                    %s, company_id, create_uid, write_uid, create_date, write_date)
                SELECT row.*, cases.company_id, %s, %s, NOW() AT TIME ZONE 'UTC',
                       NOW() AT TIME ZONE 'UTC'
                  FROM %s
                  JOIN collection_case cases ON cases.id = row.case_id
                    ON CONFLICT DO NOTHING
             RETURNING id
                """,
                names,
                self.env.uid,
                self.env.uid,
                self.env["collection.apply"]._rows_sql(columns, rows),
            )
        )
        # Runs and departures write these with the rights of the product.
        return self.sudo().browse(row_id for (row_id,) in new)

    def _tell(self, fresh, customers):
        """Give the accountant one task for each money, where nobody was told of it yet.

        :param customers: {(source, id): cases it may come from}, those of other batches too
        """
        for source, name in (("statement", "statement_line_id"), ("payment", "payment_id")):
            for money, probable in fresh.filtered(name).grouped(name).items():
                if self.sudo().search([(name, "=", money.id)]) == probable:
                    cases = self.env["collection.case"].sudo().browse(customers[source, money.id])
                    probable._schedule_task(money, cases.exists().partner_id)

    def _schedule_task(self, money, customers):
        """A task on the money itself: the entry of the bank line, or the payment."""
        document = self.statement_line_id.move_id or money
        labels = dict(self._fields["certainty"]._description_selection(self.env))
        document.activity_schedule(
            "mail.mail_activity_data_todo",
            self.company_id._collection_today(),
            summary=self.env._("Allocate: a reminder is held"),
            note=self.env["ir.qweb"]._render(
                "account_collections.probable_note",
                {
                    "customers": customers,
                    "certainty": labels[self[:1].certainty],
                    "until": format_date(self.env, self[:1].date_until),
                },
            ),
            user_id=self._get_accountant(document).id,
        )

    def _get_accountant(self, document):
        """Return who allocates: the company's accountant, who entered it, else the owner."""
        entered = document.create_uid
        by_hand = entered.active and not entered.share and entered != self.env.ref("base.user_root")
        return (
            self.company_id.collection_accountant_id
            or (entered if by_hand else False)
            or self[:1].case_id._get_responsible()
        )
