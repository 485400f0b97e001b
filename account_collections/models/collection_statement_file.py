import io
import zipfile

from odoo import api, models
from odoo.tools import split_every

from ..report.statement_pdf import merge
from .collection_statement_attach import EXTENSIONS, PDF

#: Statements made between two reports of progress.
STEP = 100


class CollectionStatement(models.AbstractModel):
    """Statements for whoever asks for them: a file for one case, or one for many."""

    _inherit = "collection.statement"

    @api.model
    def _sort_for_file(self, cases):
        """Return the cases in the order in which a file has them: those made together, by name."""
        return cases.sorted(
            lambda case: (case.company_id.id, self._get_lang(case), case.partner_id.name or "")
        )

    @api.model
    def _get_lang(self, case):
        """Return the language in which a customer reads: its own, else the company's."""
        return case.partner_id.lang or case.company_id.partner_id.lang or self.env.lang or "en_US"

    @api.model
    def _make_file(self, cases, mimetype, merged, as_of, since, report=lambda done: None):
        """Return (file name, content) with the statements of ``cases``.

        One case has its document; several have one PDF, in which each begins on a page of its
        own, or a ZIP archive with a file each.

        :param cases: recordset ``collection.case``, sorted, which the user may read
        :param str mimetype: form of the statements
        :param date as_of: today, or a past day as the ledger stood at its end
        :param date since: first day of the payments to show; None leaves them out
        :param bool merged: one PDF for all, where they are PDF documents
        :param report: called with the number of statements made
        :raises UserError: the PDF program is missing or failed
        """
        if mimetype == PDF:
            self._check_can_print()
        # Whoever may read a case may see what its customer owes, with no right on the ledger.
        cases, maker = cases.sudo(), self.sudo()
        if merged and mimetype == PDF and len(cases) > 1:
            pieces = []
            for company, lang, step in maker._get_steps(cases, report):
                past = as_of < company._collection_today()
                pieces += maker._render_together(step, as_of, lang, since, past)
            name = maker._get_file_name(company, as_of, self.env.lang, EXTENSIONS[PDF])
            return name, merge(pieces)
        make = maker._render if mimetype == PDF else maker._make_workbooks
        files = []
        for company, lang, step in maker._get_steps(cases, report):
            made = make(step, as_of, lang, since, as_of < company._collection_today())
            for case in step:
                customer = case.partner_id.name
                name = self._get_file_name(company, as_of, lang, EXTENSIONS[mimetype], customer)
                files.append((name, made[case.id]))
        if len(files) == 1:
            return files[0]
        return maker._get_file_name(company, as_of, self.env.lang, "zip"), _zip(files)

    @api.model
    def _get_steps(self, cases, report):
        """Yield (company, language, cases) that are made together, reporting after each."""
        done = 0
        groups = cases.grouped(lambda case: (case.company_id, self._get_lang(case)))
        for (company, lang), group in groups.items():
            for ids in split_every(STEP, group.ids):
                yield company, lang, group.browse(ids)
                done += len(ids)
                report(done)


def _zip(files):
    """Return an archive; files of the same name are told apart by a number."""
    stream, seen = io.BytesIO(), set()
    # PDF documents and spreadsheets are packed already.
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            stem, dot, extension = name.rpartition(".")
            unique, number = name, 1
            while unique in seen:
                number += 1
                unique = f"{stem} ({number}){dot}{extension}"
            seen.add(unique)
            archive.writestr(unique, content)
    return stream.getvalue()
