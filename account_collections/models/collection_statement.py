import functools
import io
import logging
import re
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pypdf
from odoo import Command, api, models
from odoo.addons.base.models.ir_actions_report import _run_wkhtmltopdf, _wkhtml
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date, formatLang, html2plaintext
from odoo.tools.image import image_data_uri

_logger = logging.getLogger(__name__)

#: Statements, and rows, that one process of the PDF program is given at most.
CHUNK_STATEMENTS = 100
CHUNK_ROWS = 5000

#: Rows on the first page, below letterhead and summary, and on the pages that follow.
FIRST_PAGE_ROWS = 24
NEXT_PAGE_ROWS = 40

#: Days overdue up to which a debt belongs to each column of the ageing but the last.
AGEING = (0, 30, 60, 90)

#: Copies of invoices with one reminder, and bytes of all its attachments: above the limit of
#: its mail server, 10 MB by default, Odoo would send links whose tokens never expire.
MAX_INVOICES = 10
MAX_BYTES = 5_000_000

#: What chooses one of our colours among a page's commands: 'red green blue rg', or 'scn' in a
#: colour space, with the red that all of them share (253 of 255) and the others from 0 to 1.
COLOUR_COMMAND = re.compile(rb"0\.992\d* ([\d.]+) ([\d.]+) (?:scn|rg|SCN|RG)\b")


# === WHAT A STATEMENT SAYS === #


@dataclass(slots=True)
class Item:
    """A row: what is open of a document; ``days`` overdue is 0 for credits."""

    document: str
    reference: str
    date: date
    due: date
    amount: Decimal
    days: int


@dataclass(slots=True)
class Account:
    """The rows of a customer in one currency, oldest due date first."""

    currency: models.BaseModel
    items: list

    @property
    def balance(self):
        return sum(item.amount for item in self.items)

    @property
    def credits(self):
        return sum(item.amount for item in self.items if item.amount < 0)

    @property
    def ageing(self):
        """Debts by days overdue, credits left out. What is due today is not overdue."""
        columns = [Decimal(0)] * (len(AGEING) + 1)
        for item in self.items:
            if item.amount > 0:
                columns[sum(item.days > last for last in AGEING)] += item.amount
        return columns

    @property
    def overdue(self):
        return sum(self.ageing[1:])


@dataclass(slots=True)
class Page:
    """Rows of one currency that fit a page; ``is_last`` calls for their total."""

    account: Account
    items: list
    is_last: bool


@dataclass(slots=True)
class Statement:
    """What is open on a case: an account per currency."""

    case: models.BaseModel
    accounts: list

    @property
    def size(self):
        return sum(len(account.items) for account in self.accounts)

    @property
    def pages(self):
        """The accounts in pieces that fit a page: without Qt's patches the PDF program repeats
        no column heading, with them it prints headings over rows."""
        pages, room = [], FIRST_PAGE_ROWS
        for account in self.accounts:
            start = 0
            while start < len(account.items):
                rows = account.items[start : start + room]
                start += room
                pages.append(Page(account, rows, is_last=start >= len(account.items)))
                room = NEXT_PAGE_ROWS
        return pages or [Page(None, [], is_last=True)]


# === ONE DOCUMENT FOR MANY === #


class NotSplit(Exception):
    """The pages of several statements cannot be told apart beyond doubt."""


def _mark(index):
    """Return the style of the lines, white to the eye, around each page of a statement.

    A customer can write any text into a name or a reference, but no colour; and colours are
    read from a page hundreds of times faster than its text.

    :param int index: place of the statement in its document, below 100
    """
    return f"border-color: rgb(253, {254 - index // 10}, {254 - index % 10})"


def _read_owners(page):
    """Return the indexes of the statements whose colour is on a page."""
    owners = set()
    for green, blue in set(COLOUR_COMMAND.findall(page.get_contents().get_data())):
        tens, units = 254 - round(float(green) * 255), 254 - round(float(blue) * 255)
        if 0 <= tens <= 9 and 0 <= units <= 9:
            owners.add(tens * 10 + units)
    return owners


def _split(pdf, count):
    """Return the PDF of each of the ``count`` statements in a document.

    :raises NotSplit: a page shows none, two or another statement than its turn
    """
    writers = []
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        owners = _read_owners(page)
        if owners == {len(writers)}:
            writers.append(pypdf.PdfWriter())
        elif owners != {len(writers) - 1}:
            raise NotSplit(f"page {page.page_number + 1} shows statements {sorted(owners)}")
        writers[-1].add_page(page)
    if len(writers) != count:
        raise NotSplit(f"{len(writers)} statements of {count} were found")
    return [_write(writer) for writer in writers]


def _write(writer):
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


class CollectionStatement(models.AbstractModel):
    """Statements of account as PDF, many at once, and what else goes with a reminder.

    Starting the PDF program costs more than printing a statement. So it gets one document with
    the statements of many customers, which is taken apart afterwards.
    """

    _name = "collection.statement"
    _description = "Statements of Account"

    # === ATTACH === #

    @api.model
    def _attach(self, level, reminders):
        """Attach to ``reminders`` what ``level`` sends with them, and say so in their text.

        :return: the reminders whose statement could not be made
        """
        # A collector may have no right to read invoices and bank accounts.
        reminders = reminders.sudo()
        statements = self._make_statements(reminders) if level.attach_statement else {}
        for reminder in reminders:
            documents = [statements[reminder]] if reminder in statements else []
            left_out = 0
            if level.attach_invoices:
                room = MAX_BYTES - sum(len(content) for _name, content in documents)
                copies, left_out = self._copy_invoices(reminder, room)
                documents += copies
            if documents:
                self._write_documents(reminder, documents, left_out)
        if not level.attach_statement:
            return reminders.browse()
        lacking = reminders.filtered(lambda reminder: reminder not in statements)
        lacking.failure = self.env._("The statement could not be made: the PDF program is missing.")
        return lacking

    @api.model
    def _make_statements(self, reminders):
        """Return {reminder: (file name, PDF)}; it is empty without the PDF program."""
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() in ("install", "broken"):
            return {}
        made = {}
        batches = reminders.grouped(lambda one: (one.company_id, one.decision_date, one.lang))
        for (company, today, lang), batch in batches.items():
            pdfs = self._render(batch.case_id, today, lang)
            name = self._get_file_name(company, today, lang)
            made.update((one, (name, pdfs[one.case_id.id])) for one in batch)
        return made

    @api.model
    def _get_file_name(self, company, today, lang):
        return self.with_context(lang=lang).env._(
            "Statement of account – %(company)s – %(date)s.pdf",
            company=company.name.replace("/", "-"),
            date=today.isoformat(),
        )

    @api.model
    def _copy_invoices(self, reminder, room):
        """Return the PDF of invoices that have one, oldest due first, and how many are left out.

        None is made here: that is for who sends the invoice, who also chooses its layout.

        :param int room: bytes that may be attached
        :return: ([(file name, PDF)], number of invoices left out)
        """
        invoices = reminder.item_ids.move_id.filtered(lambda move: move.is_sale_document())
        copies = []
        for invoice in invoices:
            if len(copies) == MAX_INVOICES:
                break
            document = invoice._get_invoice_legal_documents("pdf") or {}
            # Without its file in the store a PDF is empty.
            if (content := document.get("content")) and len(content) <= room:
                copies.append((document["filename"], content))
                room -= len(content)
        return copies, len(invoices) - len(copies)

    @api.model
    def _write_documents(self, reminder, documents, left_out):
        """Attach copies: a reminder written anew deletes its attachments."""
        translated = self.with_context(lang=reminder.lang).env["ir.qweb"]
        note = translated._render(
            "account_collections.statement_attachments",
            {"names": [name for name, _content in documents], "left_out": left_out},
        )
        reminder.write(
            {
                "body": (reminder.body or "") + note,
                "attachment_ids": [
                    Command.create(
                        {
                            "name": name,
                            "raw": content,
                            "mimetype": "application/pdf",
                            "res_model": reminder._name,
                            "res_id": reminder.id,
                        }
                    )
                    for name, content in documents
                ],
            }
        )

    # === RENDER === #

    @api.model
    def _render(self, cases, today, lang):
        """Return {case id: PDF} of the statements of account of ``cases``.

        :param cases: recordset ``collection.case`` of a single company
        :param date today: day from which days overdue are counted
        :param str lang: language of the statements
        """
        model = self.with_context(lang=lang).with_company(cases.company_id)
        letterhead = model._get_letterhead(cases.with_env(model.env).company_id)
        pdfs = {}
        for chunk in model._get_chunks(model._gather(cases, today)):
            for statement, pdf in zip(chunk, model._print(chunk, letterhead, today)):
                pdfs[statement.case.id] = pdf
        return pdfs

    @api.model
    def _get_chunks(self, statements):
        chunk, rows = [], 0
        for statement in statements:
            if chunk and (len(chunk) == CHUNK_STATEMENTS or rows + statement.size > CHUNK_ROWS):
                yield chunk
                chunk, rows = [], 0
            chunk.append(statement)
            rows += statement.size
        if chunk:
            yield chunk

    @api.model
    def _print(self, statements, letterhead, today):
        """Return the PDF of each statement; one document for all when it can be taken apart."""
        html = self.env["ir.qweb"]._render(
            "account_collections.statements",
            {
                "marked": [(_mark(index), one) for index, one in enumerate(statements)],
                "today": today,
                # Without Qt's patches everything is printed a quarter smaller.
                "font_size": 9 if _wkhtml().is_patched_qt else 12,
                "address": self._get_address,
                "amount": self._format_amount,
                "day": functools.cache(functools.partial(format_date, self.env)),
                **letterhead,
            },
        )
        pdf = self._convert(html)
        if len(statements) == 1:
            return [pdf]
        try:
            return _split(pdf, len(statements))
        except NotSplit as problem:
            _logger.warning("Statements are printed one by one: %s", problem)
            return [self._print([one], letterhead, today)[0] for one in statements]

    @api.model
    def _convert(self, html):
        """Return the PDF of a document that needs nothing but itself.

        It has one body, neither header nor footer, so that Debian's PDF program, which lacks
        Qt's patches, can make it too. Odoo's own call waits a second for scripts, every time.

        :raises UserError: the program failed
        """
        report = self.env["ir.actions.report"]
        margins = {
            "data-report-margin-top": 12,
            "data-report-margin-bottom": 12,
            "data-report-header-spacing": 0,
            "data-report-dpi": 96,
        }
        arguments = report._build_wkhtmltopdf_args(report.get_paperformat(), False, margins)
        with tempfile.TemporaryDirectory(prefix="statements.") as folder:
            source, target = Path(folder, "in.html"), Path(folder, "out.pdf")
            source.write_text(html, encoding="utf-8")
            process = _run_wkhtmltopdf(
                [*arguments, "--javascript-delay", "0", str(source), str(target)]
            )
            if process.returncode:
                raise UserError(
                    self.env._("The PDF program failed: %(error)s", error=process.stderr[-300:])
                )
            return target.read_bytes()

    @api.model
    def _format_amount(self, amount, currency):
        return formatLang(self.env, float(amount), currency_obj=currency)

    @api.model
    def _get_address(self, partner):
        lines = partner._display_address(without_company=True).splitlines()
        return "\n".join(line for line in lines if line.strip())

    @api.model
    def _get_letterhead(self, company):
        """Return the company's part of the template's values, as text: it may fetch nothing."""
        partner = company.partner_id
        has_logo = partner.image_256 and not company.uses_default_logo
        details = html2plaintext(company.company_details or "")
        return {
            "company": company,
            "logo": image_data_uri(partner.image_256) if has_logo else None,
            "details": details or f"{company.name}\n{self._get_address(partner)}",
            "footer": html2plaintext(company.report_footer or ""),
            "colour": company.primary_color or "#333333",
            "banks": partner.bank_ids.filtered(lambda bank: bank.company_id <= company),
            "direction": self.env["res.lang"]._get_data(code=self.env.lang).direction or "ltr",
        }

    # === GATHER === #

    @api.model
    def _gather(self, cases, today):
        """Return the statement of each case: one query for all."""
        by_case = defaultdict(lambda: defaultdict(list))
        for case, currency, document, reference, issued, due, amount in self._query_items(cases):
            amount = Decimal(amount)
            days = max((today - due).days, 0) if amount > 0 else 0
            item = Item(document, reference, issued, due, amount, days)
            by_case[case][currency].append(item)
        currencies = self.env["res.currency"]
        own = cases.company_id.currency_id
        statements = []
        for case in cases.with_env(self.env):
            accounts = [
                Account(
                    currencies.browse(currency),
                    sorted(items, key=lambda item: (item.due, item.document)),
                )
                for currency, items in by_case[case.id].items()
            ]
            accounts.sort(key=lambda one: (one.currency != own, one.currency.name))
            statements.append(Statement(case, accounts))
        return statements

    def _query_items(self, cases):
        """Return everything open on ``cases``; amounts travel as text, not as floats."""
        self.env.flush_all()
        return self.env.execute_query(
            self.env["collection.ledger"]._open_items_sql(
                SQL(
                    """
                    debtor.case_id, line.currency_id, move.name,
                    COALESCE(NULLIF(move.ref, ''), line.name, ''),
                    COALESCE(move.invoice_date, line.date),
                    COALESCE(line.date_maturity, line.date), item.amount_currency::text
                    """
                ),
                joins=SQL(
                    """
                    JOIN collection_debtor debtor ON debtor.company_id = line.company_id
                                                 AND debtor.partner_id = line.partner_id
                    """
                ),
                # What the accountant excluded, or a factor collects, is not ours to ask for.
                where=SQL(
                    """debtor.case_id = ANY(%s) AND item.amount_currency <> 0
                       AND line.no_followup IS NOT TRUE
                       AND move.collection_assigned IS NOT TRUE""",
                    cases.ids,
                ),
            )
        )
