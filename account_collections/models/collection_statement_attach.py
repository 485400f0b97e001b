from odoo import Command, api, models

from ..engine.facts import EMAIL

#: Copies of invoices with one reminder, and bytes of all its attachments: above the limit of
#: its mail server, 10 MB by default, Odoo would send links whose tokens never expire.
MAX_INVOICES = 10
MAX_BYTES = 5_000_000

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXTENSIONS = {PDF: "pdf", XLSX: "xlsx"}


class CollectionStatement(models.AbstractModel):
    """What goes with a reminder: the statement of account and copies of invoices."""

    _inherit = "collection.statement"

    @api.model
    def _attach(self, level, reminders):
        """Attach to ``reminders`` what ``level`` sends with them, and say so in their text.

        :return: the reminders whose statement could not be made
        """
        # A collector may have no right to read invoices and bank accounts.
        reminders = reminders.sudo()
        statements = self._make_statements(level, reminders)
        for reminder in reminders:
            documents = statements[reminder]
            left_out = 0
            if level.attach_invoices:
                room = MAX_BYTES - sum(len(content) for _name, content, _type in documents)
                copies, left_out = self._copy_invoices(reminder, room)
                documents = documents + copies
            if documents:
                self._write_documents(reminder, documents, left_out)
        if not level.attach_statement or self._can_print():
            return reminders.browse()
        reminders.failure = self.env._(
            "The statement could not be made: the PDF program is missing."
        )
        return reminders

    @api.model
    def _make_statements(self, level, reminders):
        """Return {reminder: [(file name, content, type)]} of the forms that ``level`` asks for.

        Without the PDF program that form is missing.
        """
        makers = []
        if level.attach_statement and self._can_print():
            makers.append((PDF, self._render))
        if level.attach_statement_xlsx:
            makers.append((XLSX, self._make_workbooks))
        made = {reminder: [] for reminder in reminders}
        batches = reminders.grouped(lambda one: (one.company_id, one.decision_date, one.lang))
        for (company, today, lang), batch in batches.items():
            since = self._get_since(company, today)
            for mimetype, make in makers:
                # Nobody opens a spreadsheet that is printed.
                readers = batch
                if mimetype != PDF:
                    readers = batch.filtered(lambda one: one.channel == EMAIL)
                if not readers:
                    continue
                contents = make(readers.case_id, today, lang, since)
                name = self._get_file_name(company, today, lang, EXTENSIONS[mimetype])
                for reminder in readers:
                    made[reminder].append((name, contents[reminder.case_id.id], mimetype))
        return made

    @api.model
    def _get_file_name(self, company, as_of, lang, extension, customer=None):
        """Return the name that a statement's file has for who receives it.

        :param str customer: named too, in files that are kept together
        """
        stem = self.with_context(lang=lang).env._(
            "Statement of account – %(company)s – %(date)s",
            company=company.name.replace("/", "-"),
            date=as_of.isoformat(),
        )
        if customer:
            stem = f"{customer.replace('/', '-')} – {stem}"
        return f"{stem}.{extension}"

    @api.model
    def _copy_invoices(self, reminder, room):
        """Return the PDF of invoices that have one, oldest due first, and how many are left out.

        None is made here: that is for who sends the invoice, who also chooses its layout.

        :param int room: bytes that may be attached
        :return: ([(file name, PDF, type)], number of invoices left out)
        """
        invoices = reminder.item_ids.move_id.filtered(lambda move: move.is_sale_document())
        copies = []
        for invoice in invoices:
            if len(copies) == MAX_INVOICES:
                break
            document = invoice._get_invoice_legal_documents("pdf") or {}
            # Without its file in the store a PDF is empty.
            if (content := document.get("content")) and len(content) <= room:
                copies.append((document["filename"], content, PDF))
                room -= len(content)
        return copies, len(invoices) - len(copies)

    @api.model
    def _write_documents(self, reminder, documents, left_out):
        """Attach copies: a reminder written anew deletes its attachments."""
        translated = self.with_context(lang=reminder.lang).env["ir.qweb"]
        names = [name for name, *_rest in documents]
        if reminder.is_on_paper:  # a page has no file name
            names = [name.rpartition(".")[0] for name in names]
        note = translated._render(
            "account_collections.statement_attachments",
            {"names": names, "left_out": left_out},
        )
        reminder.write(
            {
                "body": (reminder.body or "") + note,
                "attachment_ids": [
                    Command.create(
                        {
                            "name": name,
                            "raw": content,
                            "mimetype": mimetype,
                            "res_model": reminder._name,
                            "res_id": reminder.id,
                        }
                    )
                    for name, content, mimetype in documents
                ],
            }
        )
