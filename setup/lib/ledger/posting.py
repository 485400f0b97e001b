"""Post a ledger into an Odoo 19 database, through the ORM.

Every batch is committed, and what is in the database already is not posted again: an interrupted
load resumes, and the same file with a later date adds what happened in between.
"""

import collections
import dataclasses
import itertools
from decimal import ROUND_HALF_UP, Decimal

from odoo.fields import Command
from odoo.tools import SQL

from .books import Books
from .reading import RowError, read

BATCH = 250
# No note "invoice created" on each. And all entries come with all their lines: deriving these
# from one another, as for what a person enters, would double the time.
CONTEXT = {"tracking_disable": True, "skip_invoice_sync": True}


def load(env, path, as_of, report=lambda done, total, text: None):
    """Post a ledger as it stood at the end of a day, and return what was done.

    Invoices issued by then are posted with the file's number, due date, currency and rate, and
    the payments made by then are registered, one for each day, customer and currency. A payment
    is booked at the rates of the invoices it settles, for the file tells no other: no exchange
    difference arises.

    :param env: an environment of the superuser, in a database with ``account`` installed
    :param path: a file that one of the mappings describes
    :param as_of: a ``datetime.date``; nothing later is posted
    :param report: called with (done, total, text) after every batch
    :return: a dict; ``rows`` = ``loaded`` + ``skipped`` + ``malformed``, and of those loaded
        ``later`` were issued after ``as_of``; ``invoices`` and ``payments`` were added by this
        call; ``open_items`` and ``open_total`` (in ``currency``, the company's) are in the
        database now
    :raise LedgerError: the file as a whole cannot be read
    """
    ledger = read(path)
    books = Books(env(context={**env.context, **CONTEXT}), ledger.currency)
    posting = Posting(books, ledger, as_of, report)
    invoices = posting.post_invoices()
    payments = posting.post_payments()
    return {
        "ledger": ledger.mapping.name,
        "rows": ledger.rows,
        "loaded": len(ledger.invoices),
        "later": len(ledger.invoices) - len(posting.invoices),
        "skipped": sum(ledger.skipped.values()),
        "skipped_by_reason": dict(ledger.skipped),
        "malformed": len(ledger.malformed),
        "malformed_rows": [{"line": line, "reason": text} for line, text in ledger.malformed],
        "customers": len(posting.partners),
        "invoices": invoices,
        "payments": payments,
        **posting.open_items(),
    }


@dataclasses.dataclass(frozen=True)
class Item:
    """A posted receivable line, and amounts of it in its own and in the company's currency."""

    line: int
    account: int
    amount_currency: Decimal
    amount: Decimal

    def part(self, amount_currency, company_currency):
        """A part of the item, at the item's own rate; all of it is never off by a rounding."""
        amount = self.amount * amount_currency / self.amount_currency
        return dataclasses.replace(
            self,
            amount_currency=amount_currency,
            amount=quantize(amount, company_currency),
        )


def quantize(amount, currency):
    """The amount with the currency's number of decimals."""
    return amount.quantize(Decimal(1).scaleb(-currency.decimal_places), ROUND_HALF_UP)


class Posting:
    """The invoices of a ledger that were issued by a day, and what of it is posted."""

    def __init__(self, books, ledger, as_of, report):
        self.books = books
        self.env = books.env
        self.as_of = as_of
        self.report = report
        self.currencies = books.find_currencies({invoice.currency for invoice in ledger.invoices})
        self._refuse_what_odoo_cannot_hold(ledger)
        self.invoices = [invoice for invoice in ledger.invoices if invoice.date <= as_of]
        self.partners = books.find_or_create_customers(
            {invoice.customer: invoice.customer for invoice in self.invoices}, ledger.mapping.name
        )
        books.set_rates(
            {
                (self.currencies[invoice.currency], invoice.date): invoice.rate
                for invoice in self.invoices
                if invoice.currency != ledger.currency
            }
        )
        books.commit()

    def _refuse_what_odoo_cannot_hold(self, ledger):
        accepted = []
        for invoice in ledger.invoices:
            with ledger.reporting(invoice.line):
                _check_amounts(invoice, self.currencies.get(invoice.currency))
                accepted.append(invoice)
        ledger.invoices = accepted
        ledger.malformed.sort()

    # === INVOICES === #

    def post_invoices(self):
        """Post the invoices that are not there yet; return how many."""
        posted = self._posted_items()
        missing = [invoice for invoice in self.invoices if invoice.number not in posted]
        for batch in self._batches(missing, "invoices"):
            vals_list = [self._prepare_invoice_vals(invoice) for invoice in batch]
            self.env["account.move"].create(vals_list)._post(soft=False)
        return len(missing)

    def _prepare_invoice_vals(self, invoice):
        return {
            "move_type": "out_invoice" if invoice.amount > 0 else "out_refund",
            "name": invoice.number,
            "journal_id": self.books.sales.id,
            "partner_id": self.partners[invoice.customer].id,
            "invoice_date": invoice.date,
            "invoice_date_due": invoice.due,
            "invoice_payment_term_id": False,
            "currency_id": self.currencies[invoice.currency].id,
            "invoice_currency_rate": float(invoice.rate),
            "is_move_sent": True,
            "line_ids": self._prepare_invoice_lines(invoice),
        }

    def _prepare_invoice_lines(self, invoice):
        """The lines in full, as Odoo would derive them; no default is looked up for any."""
        amount = quantize(invoice.amount / invoice.rate, self.books.company.currency_id)
        revenue = {
            "display_type": "product",
            "name": invoice.number,
            "account_id": self.books.sales.default_account_id.id,
            "quantity": 1,
            "price_unit": float(abs(invoice.amount)),
            "tax_ids": [Command.clear()],
            "amount_currency": float(-invoice.amount),
            "balance": float(-amount),
            "analytic_distribution": False,
        }
        receivable = {
            "display_type": "payment_term",
            "name": invoice.number,
            "account_id": self.partners[invoice.customer].property_account_receivable_id.id,
            "date_maturity": invoice.due,
            "amount_currency": float(invoice.amount),
            "balance": float(amount),
            "analytic_distribution": False,
        }
        return [Command.create(revenue), Command.create(receivable)]

    # === PAYMENTS === #

    def post_payments(self):
        """Register what was paid by the day and is still open in the books; return how many."""
        posted = self._posted_items()
        settled = collections.defaultdict(list)
        for invoice in self.invoices:
            item = posted[invoice.number]
            paid = item.amount_currency - invoice.due_by(self.as_of)
            if paid * invoice.amount > 0:
                part = item.part(paid, self.books.company.currency_id)
                settled[invoice.paid_on, invoice.customer, invoice.currency].append(part)
        for batch in self._batches(sorted(settled.items()), "payments"):
            self._settle(batch)
        return len(settled)

    def _settle(self, batch):
        """Create a payment for each (key, items), and reconcile it with the items."""
        payments = self.env["account.payment"].create(
            [self._prepare_payment_vals(*key, items) for key, items in batch]
        )
        moves = self.env["account.move"].create(
            [
                payment._generate_move_vals(line_ids=self._prepare_payment_lines(payment, items))
                | {"name": f"PAY/{payment.date:%Y}/{payment.id:06}"}
                for payment, (_key, items) in zip(payments, batch)
            ]
        )
        # One recomputation of all payments instead of one for each.
        with self.env.protecting([payments._fields["move_id"]], payments):
            for payment, move in zip(payments, moves):
                payment.move_id = move
        payments.modified(["move_id"])
        payments.action_post()
        pairs = [
            (item.line, line)
            for move, (_key, items) in zip(moves, batch)
            for item, line in zip(items, sorted(move.line_ids.ids)[1:])
        ]
        lines = self.env["account.move.line"].browse(itertools.chain(*pairs))
        lines._reconcile_plan([lines.browse(pair).with_prefetch(lines.ids) for pair in pairs])

    def _prepare_payment_vals(self, date, customer, currency, items):
        amount = sum(item.amount_currency for item in items)
        return {
            "payment_type": "inbound" if amount >= 0 else "outbound",
            "partner_type": "customer",
            "partner_id": self.partners[customer].id,
            "journal_id": self.books.bank.id,
            "date": date,
            "currency_id": self.currencies[currency].id,
            "amount": float(abs(amount)),
        }

    def _prepare_payment_lines(self, payment, items):
        """The bank's line, then a line for each item: an invoice gets what is meant for it."""
        shared = {
            "partner_id": payment.partner_id.id,
            "currency_id": payment.currency_id.id,
            "analytic_distribution": False,
        }

        def line(account, amount_currency, amount):
            vals = {
                "account_id": account,
                "amount_currency": float(amount_currency),
                "balance": float(amount),
            }
            return Command.create(shared | vals)

        return [
            line(
                payment.outstanding_account_id.id,
                sum(item.amount_currency for item in items),
                sum(item.amount for item in items),
            ),
            *(line(item.account, -item.amount_currency, -item.amount) for item in items),
        ]

    # === WHAT THE BOOKS SAY === #

    def _posted_items(self):
        """The posted invoices by number, with the amounts still open."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.name, line.id, line.account_id,
                       line.amount_residual_currency::text, line.amount_residual::text
                  FROM account_move move
                  JOIN account_move_line line ON line.move_id = move.id
                  JOIN account_account account ON account.id = line.account_id
                 WHERE move.journal_id = %s
                   AND move.state = 'posted'
                   AND account.account_type = 'asset_receivable'
                """,
                self.books.sales.id,
            )
        )
        return {
            number: Item(line, account, Decimal(residual_currency), Decimal(residual))
            for number, line, account, residual_currency, residual in rows
        }

    def open_items(self):
        """Number and sum, in the company's currency, of what is open; nothing posted is later."""
        amounts = [item.amount for item in self._posted_items().values() if item.amount_currency]
        return {
            "open_items": len(amounts),
            "open_total": sum(amounts, Decimal(0)),
            "currency": self.books.company.currency_id.name,
        }

    def _batches(self, work, text):
        for start in range(0, len(work), BATCH):
            batch = work[start : start + BATCH]
            yield batch
            self.books.commit()
            self.report(start + len(batch), len(work), text)


def _check_amounts(invoice, currency):
    if not currency:
        raise RowError(f"currency {invoice.currency} is not known to Odoo")
    for amount in (invoice.amount, invoice.paid):
        if amount != round(amount, currency.decimal_places):
            raise RowError(f"{amount} has more decimals than {invoice.currency}")
        if amount != Decimal(str(float(amount))):
            raise RowError(f"{amount} has more digits than Odoo keeps")
