import base64
import io

import xlsxwriter
from odoo import models


class CollectionInsolvency(models.Model):
    """The list of claims to declare, as a workbook."""

    _inherit = "collection.insolvency"

    def action_export(self):
        """Attach the list to the case and offer it for download."""
        self.ensure_one()
        attachment = self.env["ir.attachment"].create(
            {
                "name": self.env._("Claims to declare %(date)s.xlsx", date=self.date_judgment),
                "datas": base64.b64encode(self._make_workbook()),
                "res_model": "collection.case",
                "res_id": self.case_id.id,
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "self",
        }

    def _get_headers(self):
        return [
            self.env._("Document"),
            self.env._("Reference"),
            self.env._("Date"),
            self.env._("Due Date"),
            self.env._("Currency"),
            self.env._("Open Amount"),
            self.env._("Open Amount (%(currency)s)", currency=self.currency_id.name),
        ]

    def _make_workbook(self):
        """Return the bytes of the workbook: who, which proceedings, each debt, the total."""
        output = io.BytesIO()
        workbook = xlsxwriter.Workbook(
            output, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        sheet = workbook.add_worksheet(self.env._("Claims"))
        bold = workbook.add_format({"bold": True})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        amount = workbook.add_format({"num_format": "#,##0.00"})
        total = workbook.add_format({"num_format": "#,##0.00", "bold": True})
        sheet.set_column(0, 6, 18)
        for row, (label, value) in enumerate(self._get_particulars()):
            sheet.write_string(row, 0, label, bold)
            sheet.write_string(row, 1, value)
        row += 2
        for column, header in enumerate(self._get_headers()):
            sheet.write_string(row, column, header, bold)
        items = self._get_items()
        for item in items:
            row += 1
            sheet.write_string(row, 0, item.move_name or "")
            sheet.write_string(row, 1, item.reference or "")
            sheet.write_datetime(row, 2, item.date, day)
            sheet.write_datetime(row, 3, item.date_due, day)
            sheet.write_string(row, 4, item.currency_id.name)
            sheet.write_number(row, 5, item.amount_currency, amount)
            sheet.write_number(row, 6, item.amount, amount)
        sheet.write_string(row + 1, 0, self.env._("Total"), bold)
        sheet.write_number(row + 1, 6, sum(items.mapped("amount")), total)
        workbook.close()
        return output.getvalue()

    def _get_particulars(self):
        """Return (label, value) of what stands above the list."""
        labels = dict(self._fields["procedure"]._description_selection(self.env))
        return [
            (self.env._("Creditor"), self.company_id.name),
            (self.env._("Debtor"), self.partner_id.display_name),
            (self.env._("Proceedings"), labels[self.procedure]),
            (self.env._("Judgment of"), str(self.date_judgment)),
            (self.env._("Court"), self.court or ""),
            (self.env._("Publication"), self._get_publication()),
            (self.env._("Court Administrator"), self.administrator_id.display_name or ""),
        ]

    def _get_publication(self):
        parts = [str(self.date_publication or ""), self.publication_reference or ""]
        return " ".join(part for part in parts if part)
