"""Post the customers' side of a FEC into an Odoo 19 database, through the ORM.

Each line of a customer's account is a receivable line; what it stands against is one line of
revenue, bank or equity. Lines that are lettered together are reconciled. Every batch is committed,
and what is in the database already is not posted again.
"""

import collections
from decimal import Decimal

from odoo.fields import Command
from odoo.tools import SQL

from . import fec
from .books import Books
from .posting import BATCH, CONTEXT


def load(env, path, as_of, report=lambda done, total, text: None):
    """Post a FEC as it stood at the end of a day, and return what was done.

    Sales and credit notes are posted as invoices, money as entries of the bank journal, opening
    and other entries in a journal of their own, where follow-up does not exclude them. A lettering
    counts from its day on. Amounts are those of the books, in euros.

    :param as_of: a ``datetime.date``; nothing later is posted, or lettered
    :return: a dict like that of :func:`posting.load`; ``loaded`` are lines of customers'
        accounts, ``entries`` are openings and others, ``reconciled`` lettering groups, and
        ``unbalanced`` those of them that leave something open
    :raise LedgerError: the file as a whole cannot be read
    """
    ledger = fec.read(path)
    books = Books(env(context={**env.context, **CONTEXT}), fec.CELLS.company_currency)
    posting = FecPosting(books, ledger, as_of, report)
    posted = posting.post_documents()
    reconciled, unbalanced = posting.reconcile()
    ledger.malformed.sort()
    return {
        "ledger": fec.CELLS.name,
        "rows": ledger.rows,
        "loaded": len(ledger.lines),
        "later": sum(line.date > as_of for line in ledger.lines),
        "skipped": sum(ledger.skipped.values()),
        "skipped_by_reason": dict(ledger.skipped),
        "malformed": len(ledger.malformed),
        "malformed_rows": [{"line": line, "reason": text} for line, text in ledger.malformed],
        "customers": len(posting.partners),
        "invoices": posted[fec.SALE],
        "payments": posted[fec.PAYMENT],
        "entries": posted[fec.OPENING] + posted[fec.OTHER],
        "reconciled": reconciled,
        "unbalanced": unbalanced,
        **posting.open_items(),
    }


class FecPosting:
    """The documents of a FEC until a day, and what of them is posted."""

    def __init__(self, books, ledger, as_of, report):
        self.books = books
        self.env = books.env
        self.as_of = as_of
        self.report = report
        self.documents = [one for one in ledger.documents if one.date <= as_of]
        names = {one.customer: ledger.customers[one.customer] for one in self.documents}
        self.partners = books.find_or_create_customers(names, fec.CELLS.name)
        entries = books.entries_journal()
        equity = books.equity_account()
        revenue, bank = books.sales.default_account_id, books.bank.default_account_id
        self.places = {
            fec.SALE: (books.sales, revenue),
            fec.PAYMENT: (books.bank, bank),
            fec.OPENING: (entries, equity),
            # Roundings, discounts and transfers between accounts.
            fec.OTHER: (entries, revenue),
        }
        books.commit()

    # === DOCUMENTS === #

    def post_documents(self):
        """Post the documents that are not there yet; return how many of each kind."""
        known = {number for number, *_rest in self._posted_lines()}
        missing = [one for one in self.documents if one.number not in known]
        for batch in self._batches(missing, "documents"):
            moves = self.env["account.move"].create([self._prepare_vals(one) for one in batch])
            moves._post(soft=False)
            # Odoo leaves general entries out of follow-up; what customers owe is to be claimed.
            entries = moves.filtered(lambda move: move.journal_id.type == "general")
            entries.line_ids.filtered("date_maturity").no_followup = False
        return collections.Counter(one.kind for one in missing)

    def _prepare_vals(self, document):
        journal, counterpart = self.places[document.kind]
        vals = {
            "move_type": "entry",
            "name": document.number,
            "ref": document.lines[0].piece,
            "journal_id": journal.id,
            "partner_id": self.partners[document.customer].id,
            "date": document.date,
            "currency_id": self.books.company.currency_id.id,
            "line_ids": [
                self._prepare_counterpart(document, counterpart),
                *(self._prepare_line(document, line) for line in document.lines),
            ],
        }
        if document.kind != fec.SALE:
            return vals
        return {
            **vals,
            "move_type": "out_invoice" if document.amount > 0 else "out_refund",
            "invoice_date": document.date,
            "invoice_date_due": max(line.due for line in document.lines),
            "invoice_payment_term_id": False,
            "is_move_sent": True,
        }

    def _prepare_line(self, document, line):
        sale = document.kind == fec.SALE
        return Command.create(
            {
                "display_type": "payment_term" if sale else "product",
                "name": line.label,
                "account_id": self.partners[line.customer].property_account_receivable_id.id,
                "partner_id": self.partners[line.customer].id,
                "date_maturity": line.due if sale else line.date,
                "balance": float(line.amount),
                "amount_currency": float(line.amount),
                "analytic_distribution": False,
            }
        )

    def _prepare_counterpart(self, document, account):
        amount = float(document.amount)
        vals = {
            "display_type": "product",
            "name": document.lines[0].label,
            "account_id": account.id,
            "balance": -amount,
            "amount_currency": -amount,
            "analytic_distribution": False,
        }
        if document.kind == fec.SALE:
            vals |= {"quantity": 1, "price_unit": abs(amount), "tax_ids": [Command.clear()]}
        return Command.create(vals)

    # === LETTERING === #

    def reconcile(self):
        """Reconcile what was lettered by the day; return (groups, those that leave a rest)."""
        groups, rests = self._lettered_groups()
        lines = self.env["account.move.line"]
        for batch in self._batches(groups, "letterings"):
            plan = [lines.browse(ids) for ids in batch]
            lines._reconcile_plan(plan)
        return len(groups), rests

    def _lettered_groups(self):
        """Return the ids of the lines of each group not reconciled yet, and how many of these
        groups do not add up to zero."""
        by_number = collections.defaultdict(list)
        for number, line, matched in self._posted_lines():
            by_number[number].append((line, matched))
        groups = collections.defaultdict(list)
        for document in self.documents:
            # Lines of a document are posted, and numbered, in the order of the file.
            for line, posted in zip(document.lines, by_number[document.number], strict=True):
                if line.letter:
                    groups[line.group].append((line, *posted))
        ready = [
            group
            for group in groups.values()
            if max(line.lettered or line.date for line, *_rest in group) <= self.as_of
            and not any(matched for _line, _id, matched in group)
        ]
        rests = sum(bool(sum(line.amount for line, *_rest in group)) for group in ready)
        return [[line_id for _line, line_id, _matched in group] for group in ready], rests

    # === WHAT THE BOOKS SAY === #

    def _posted_lines(self):
        """Return (number, id, whether it is matched) of the receivable lines, in order."""
        journals = {journal.id for journal, _account in self.places.values()}
        return self.env.execute_query(
            SQL(
                """
                SELECT line.move_name, line.id, line.matching_number IS NOT NULL
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.journal_id = ANY(%s)
                   AND line.parent_state = 'posted'
                   AND account.account_type = 'asset_receivable'
              ORDER BY line.id
                """,
                list(journals),
            )
        )

    def open_items(self):
        """Number and sum of what is open."""
        ((count, total),) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COALESCE(SUM(amount_residual), 0)::text
                  FROM account_move_line
                 WHERE id = ANY(%s) AND amount_residual <> 0
                """,
                [line for _number, line, _matched in self._posted_lines()],
            )
        )
        currency = self.books.company.currency_id.name
        return {"open_items": count, "open_total": Decimal(total), "currency": currency}

    def _batches(self, work, text):
        for start in range(0, len(work), BATCH):
            batch = work[start : start + BATCH]
            yield batch
            self.books.commit()
            self.report(start + len(batch), len(work), text)
