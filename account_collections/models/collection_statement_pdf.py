import functools
import logging
import tempfile
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from odoo import api, models
from odoo.addons.base.models.ir_actions_report import _run_wkhtmltopdf, _wkhtml
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang, html2plaintext
from odoo.tools.image import image_data_uri

from ..report.statement_pdf import NotSplit, mark, split

_logger = logging.getLogger(__name__)

#: Statements, and rows, that one process of the PDF program is given at most.
CHUNK_STATEMENTS = 100
CHUNK_ROWS = 5000

#: Letters as wide as two others.
WIDE = frozenset("MW@%mw")


class ProgramFailed(Exception):
    """The PDF program ended with an error; the message is what it said."""


def _run_program(arguments, html):
    """Return the PDF that the program makes of a document.

    :raises ProgramFailed: it did not
    """
    with tempfile.TemporaryDirectory(prefix="statements.") as folder:
        source, target = Path(folder, "in.html"), Path(folder, "out.pdf")
        source.write_text(html, encoding="utf-8")
        process = _run_wkhtmltopdf([*arguments, str(source), str(target)])
        if process.returncode:
            raise ProgramFailed(process.stderr[-300:])
        return target.read_bytes()


def _get_cut(text, width):
    """Return the class of a cell whose text may be longer than its column.

    To clip what is painted takes the PDF program longer than to paint it: most texts are short.

    :param int width: of the column, per cent of the page
    """
    fits = text.isascii() and len(text) + sum(letter in WIDE for letter in text) <= 0.8 * width
    return None if fits else "cut"


class CollectionStatement(models.AbstractModel):
    """Statements as PDF, many at once.

    Starting the PDF program costs more than printing a statement. So it gets one document with
    the statements of many customers, which is taken apart afterwards.
    """

    _inherit = "collection.statement"

    @api.model
    def _can_print(self):
        """Return whether the PDF program is there."""
        return self.env["ir.actions.report"].get_wkhtmltopdf_state() not in ("install", "broken")

    @api.model
    def _check_can_print(self):
        """:raises UserError: the PDF program is missing"""
        if not self._can_print():
            raise UserError(
                self.env._(
                    "PDF documents cannot be made: the program wkhtmltopdf is missing on the "
                    "server. A spreadsheet can be made without it."
                )
            )

    @api.model
    def _render(self, cases, as_of, lang, since=None, past=False):
        """Return {case id: PDF} of the statements of account of ``cases``.

        :param cases: recordset ``collection.case`` of a single company
        :param date as_of: day of which they say what is open
        :param str lang: language of the statements
        :param date since: first day of the payments to show; None leaves them out
        :param bool past: read the ledger as it stood at the end of that day, not as it is now
        """
        pdfs = {}
        for chunk, letterhead, pdf in self._print_chunks(cases, as_of, lang, since, past):
            own = self.with_context(lang=lang)._take_apart(chunk, letterhead, as_of, pdf)
            pdfs.update((statement.case.id, one) for statement, one in zip(chunk, own))
        return pdfs

    @api.model
    def _render_together(self, cases, as_of, lang, since=None, past=False):
        """Return PDF documents that hold the statements of ``cases`` in their order."""
        return [
            pdf
            for _chunk, _letterhead, pdf in self._print_chunks(cases, as_of, lang, since, past)
        ]

    def _print_chunks(self, cases, as_of, lang, since, past):
        """Yield (statements, letterhead, PDF) of each document, in the order of ``cases``.

        While the PDF program prints one, the one before is taken apart.
        """
        model = self.with_context(lang=lang).with_company(cases.company_id)
        letterhead = model._get_letterhead(cases.with_env(model.env).company_id)
        arguments = model._get_arguments()
        printing = deque()
        # The thread waits for a program and touches neither records nor the database.
        with ThreadPoolExecutor(1) as printer:
            for chunk in model._get_chunks(model._gather(cases, as_of, since, past)):
                html = model._write_html(chunk, letterhead, as_of)
                printing.append((chunk, printer.submit(_run_program, arguments, html)))
                if len(printing) > 1:
                    chunk, job = printing.popleft()
                    yield chunk, letterhead, model._read_result(job.result)
            for chunk, job in printing:
                yield chunk, letterhead, model._read_result(job.result)

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
    def _print(self, statements, letterhead, as_of):
        """Return the PDF of each statement; one document for all when it can be taken apart."""
        pdf = self._convert(self._write_html(statements, letterhead, as_of))
        return self._take_apart(statements, letterhead, as_of, pdf)

    @api.model
    def _take_apart(self, statements, letterhead, as_of, pdf):
        """Return the PDF of each of the statements that were printed together."""
        if len(statements) == 1:
            return [pdf]
        try:
            return split(pdf, len(statements))
        except NotSplit as problem:
            _logger.warning("Statements are printed one by one: %s", problem)
            return [self._print([one], letterhead, as_of)[0] for one in statements]

    @api.model
    def _write_html(self, statements, letterhead, as_of):
        """Return the document of the statements, each page with the mark of its own."""
        return self.env["ir.qweb"]._render(
            "account_collections.statements",
            {
                "marked": [(mark(index), one) for index, one in enumerate(statements)],
                "as_of": as_of,
                # Without Qt's patches everything is printed a quarter smaller.
                "font_size": 9 if _wkhtml().is_patched_qt else 12,
                "address": self._get_address,
                "amount": functools.cache(self._format_amount),
                "day": functools.cache(functools.partial(format_date, self.env)),
                "kinds": self._get_kinds(),
                "cut": _get_cut,
                **letterhead,
            },
        )

    # === THE PDF PROGRAM === #

    @api.model
    def _convert(self, html):
        """Return the PDF of a document that needs nothing but itself.

        :raises UserError: the program failed
        """
        return self._read_result(functools.partial(_run_program, self._get_arguments(), html))

    @api.model
    def _get_arguments(self):
        """Return what the program is told.

        A document has one body, neither header nor footer, so that Debian's program, which lacks
        Qt's patches, can print it too. Odoo's own call waits a second for scripts, every time.
        """
        report = self.env["ir.actions.report"]
        margins = {
            "data-report-margin-top": 12,
            "data-report-margin-bottom": 12,
            "data-report-header-spacing": 0,
            "data-report-dpi": 96,
        }
        arguments = report._build_wkhtmltopdf_args(report.get_paperformat(), False, margins)
        return [*arguments, "--javascript-delay", "0"]

    @api.model
    def _read_result(self, run):
        try:
            return run()
        except ProgramFailed as problem:
            raise UserError(
                self.env._("The PDF program failed: %(error)s", error=problem)
            ) from problem

    # === TEXT === #

    @api.model
    def _get_kinds(self):
        """Return kind of a payment → what the customer reads."""
        return {
            "payment": self.env._("Payment"),
            "credit_note": self.env._("Credit note"),
            "refund": self.env._("Refund"),
            "other": self.env._("Credit"),
        }

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
