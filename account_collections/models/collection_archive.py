import hashlib
import io
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime

import pytz
from odoo import api, models

from .collection_statement_attach import PDF, XLSX

#: Name of the list of digests, in the form that ``sha256sum -c`` reads.
MANIFEST = "SHA256SUMS"


class CollectionArchive(models.AbstractModel):
    """The archive for whoever collects a debt or insures it; add-ons name their own tables.

    ====================  ==========================================================
    ``form.xlsx``         the summary, and each item
    ``form.csv``          the summary alone, ``items.csv`` the items
    ``statement.pdf``     the statement of account (a spreadsheet without PDF program)
    ``invoices/``         each document
    ``reminders/``        each reminder that went out, as an e-mail file
    ``promises.csv``      and ``plans.csv``, ``disputes.csv``
    ``evidence.zip``      the evidence pack, which checks itself
    ``SHA256SUMS``        the digest of each file: ``sha256sum -c SHA256SUMS``
    ====================  ==========================================================
    """

    _name = "collection.archive"
    _description = "File of a Case"

    @api.model
    def _write(self, archive, record, moves, is_first):
        """Write one archive.

        :param record: ``collection.dossier``, with all rights: whoever may hand a case over may
            prove it
        :param moves: documents to copy into this archive
        :param bool is_first: all but the documents goes into the first one
        """
        sums = []
        for name, content in self._get_files(record, moves, is_first):
            archive.writestr(name, content)
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        archive.writestr(MANIFEST, "".join(sums))

    @api.model
    def _get_files(self, record, moves, is_first):
        """Yield (name, content), one at a time in memory."""
        if is_first:
            yield from self.env[record._file_tables]._get_files(record)
            yield self._make_statement(record.case_id)
            yield from self._get_reminders(record.case_id)
            yield "evidence.zip", self._make_evidence(record.case_id)
        yield from self._get_documents(moves)

    # === DOCUMENTS === #

    @api.model
    def _get_documents(self, moves):
        """Yield each invoice and credit note, as it was sent where it was."""
        clean = self.env["collection.pack"]._clean
        for move in moves.filtered(lambda one: one.is_sale_document()):
            document = move._get_invoice_legal_documents("pdf")
            # Without its file in the store a PDF is empty.
            content = document and document["content"]
            content = content or self._print("account.account_invoices", move)
            if content:
                yield f"invoices/{clean(move.name)}-{move.id}.pdf", content
            move.invalidate_recordset()

    @api.model
    def _print(self, report, record):
        """Return a document that Odoo never sent, printed now; None without PDF program."""
        if not self.env["collection.statement"]._can_print():
            return None
        reports = self.env["ir.actions.report"].with_company(record.company_id)
        # The archive is where it is kept.
        reports = reports.with_context(
            lang=record.partner_id.lang or self.env.lang, report_pdf_no_attachment=True
        )
        content, _type = reports._render_qweb_pdf(report, record.ids)
        return content

    @api.model
    def _make_statement(self, case):
        statement = self.env["collection.statement"]
        kind, extension = (PDF, "pdf") if statement._can_print() else (XLSX, "xlsx")
        today = case.company_id._collection_today()
        _name, content = statement._make_file(
            case, kind, False, today, statement._get_since(case.company_id, today)
        )
        return f"statement.{extension}", content

    @api.model
    def _make_evidence(self, case):
        stream = io.BytesIO()
        self.env["collection.pack"]._write(case, stream)
        return stream.getvalue()

    # === REMINDERS === #

    @api.model
    def _get_reminders(self, case):
        """Yield each reminder that went out, as an e-mail file."""
        pack = self.env["collection.pack"]
        for reminder in case.reminder_ids.filtered(
            lambda one: one.state in ("sent", "unconfirmed") and one.kind != "opening"
        ).sorted("id"):
            made = (
                pack._make_mail(reminder.mail_message_id)
                if reminder.mail_message_id
                else self._make_mail(reminder)
            )
            day = reminder.sent_at or reminder.claimed_at or reminder.create_date
            yield f"reminders/{day.date()}-{reminder.channel}-{reminder.id}.eml", made

    @api.model
    def _make_mail(self, reminder):
        """Return a letter, a call or an SMS in the form of an e-mail, with its pages."""
        made = MIMEMultipart()
        made["Subject"] = " ".join((reminder.subject or "").split())
        day = reminder.sent_at or reminder.claimed_at
        if day:
            made["Date"] = format_datetime(pytz.utc.localize(day))
        labels = dict(reminder._fields["channel"]._description_selection(self.env))
        made["X-Channel"] = labels.get(reminder.channel, reminder.channel)
        if reminder.recipient_id:
            made["X-Recipient"] = reminder.recipient_id.display_name
        made.attach(MIMEText(str(reminder.body or ""), "html", "utf-8"))
        for attachment in reminder.attachment_ids:
            made.attach(self.env["collection.pack"]._make_part(attachment))
        return made.as_bytes()
