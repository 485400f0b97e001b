import io
from decimal import Decimal

import xlsxwriter
from odoo import fields, models

from ..report.statement_xlsx import Sheet

WEEK_WIDTHS = (16, 16, 16, 16, 16, 16, 16)
PART_WIDTHS = (30, 30, 14, 14, 14, 16, 16, 20, 20)


class CollectionForecast(models.Model):
    """The forecast as a spreadsheet: weeks with their bands, and the parts that they add up from.

    What customers and colleagues are called is text, never a formula.
    """

    _inherit = "collection.forecast"

    def _make_workbook(self, filters):
        """Return the XLSX of this forecast, as the reader sees it.

        :param dict filters: those of :meth:`get_board`
        """
        self.ensure_one()
        domain = self._get_filter(filters)
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
            workbook.set_properties({"company": self.company_id.name})
            self._write_weeks(workbook, domain)
            self._write_parts(workbook, domain)
        return stream.getvalue()

    def _write_weeks(self, workbook, domain):
        currency = self.company_id.currency_id
        sheet = Sheet(workbook, self.env._("Cash Forecast"), WEEK_WIDTHS, currency.decimal_places)
        sheet.write(self.env._("Cash Forecast"), style="title")
        sheet.write(self.company_id.name, currency.name)
        sheet.write(self.env._("As of"), self.date)
        sheet.skip()
        rows = self._get_rows(self._get_weeks(domain), domain)
        sheet.head(
            self.env._("Week until"),
            self.env._("Expected"),
            self.env._("Promised"),
            self.env._("Contested"),
            self.env._("With 80 %"),
            self.env._("With 50 %"),
            self.env._("With 20 %"),
            filtered=len(rows),
        )
        names = ("expected", "promised", "disputed", "p80", "p50", "p20")
        for row in rows:
            sheet.write(fields.Date.to_date(row["to"]), *(_amount(row[name]) for name in names))
        totals = (_amount(sum(row[name] for row in rows)) for name in names[:3])
        sheet.write(self.env._("Total"), *totals, style="bold")

    def _write_parts(self, workbook, domain):
        currency = self.company_id.currency_id
        sheet = Sheet(workbook, self.env._("Open Items"), PART_WIDTHS, currency.decimal_places)
        parts = self.env["collection.forecast.item"].search(
            [("forecast_id", "=", self.id), *domain]
        )
        sheet.head(
            self.env._("Customer"),
            self.env._("Item"),
            self.env._("Due Date"),
            self.env._("Kind"),
            self.env._("Promised for"),
            self.env._("Open"),
            self.env._("Expected within 30 Days"),
            self.env._("Owner"),
            self.env._("Segment"),
            filtered=len(parts),
        )
        kinds = dict(parts._fields["kind"]._description_selection(self.env))
        for part in parts:
            sheet.write(
                part.case_id.display_name,
                # An auditor of collections reads the ledger; a number is no secret to the others.
                part.line_id.sudo().display_name or "",
                part.date_due or None,
                kinds[part.kind],
                part.date_promised or None,
                _amount(part.amount),
                _amount(part.expected),
                part.user_id.sudo().name or "",
                part.scenario_id.name or "",
            )


def _amount(value):
    return Decimal(repr(float(value)))
