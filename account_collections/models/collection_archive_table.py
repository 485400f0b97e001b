import csv
import io
from decimal import Decimal

import xlsxwriter
from odoo import api, models
from odoo.tools import split_every

from ..report.statement_xlsx import Sheet
from .collection_pack import spreadsheet

#: Rows read together.
BATCH_SIZE = 500


class CollectionArchiveTable(models.AbstractModel):
    """The data of a file, as a workbook and as tables for programs; who inherits it fills it.

    Amounts are numbers with a point, days are ISO days; columns bear the words of the language.
    """

    _name = "collection.archive.table"
    _description = "Tables of a File"

    @api.model
    def _get_files(self, record):
        """Yield (name, content)."""
        form, items = self._tell_form(record), list(self._tell_items(record))
        yield "form.xlsx", self._make_workbook(form, items)
        yield "form.csv", _make_csv([[name for name, _v in form], [value for _n, value in form]])
        yield "items.csv", _make_csv(items)
        for name, rows in self._get_tables(record):
            yield name, _make_csv(rows)

    @api.model
    def _get_tables(self, record):
        """Return pairs (name, rows) of the other tables."""
        return [
            ("promises.csv", self._tell_promises(record.case_id)),
            ("plans.csv", self._tell_plans(record.case_id)),
            ("disputes.csv", self._tell_disputes(record.case_id)),
        ]

    @api.model
    def _get_title(self):
        """Return the name of the sheet with the summary."""
        raise NotImplementedError

    @api.model
    def _tell_form(self, record):
        """Return [(name, value)] of what is said once."""
        raise NotImplementedError

    @api.model
    def _tell_items(self, record):
        """Yield the head, and a row for each item."""
        raise NotImplementedError

    # === WHAT WAS SAID === #

    @api.model
    def _tell_promises(self, case):
        _ = self.env._
        yield [_("Given on"), _("Promised for"), _("Amount"), _("Currency"), _("How"),
               _("Said"), _("State"), _("Received")]  # fmt: skip
        for one in self._read(case.promise_ids.sorted("id")):
            yield [one.date_made, one.date, self._amount(one.amount), one.currency_id.name,
                   self._label(one, "channel"), one.sentence or "", self._label(one, "state"),
                   self._amount(one.received)]  # fmt: skip

    @api.model
    def _tell_plans(self, case):
        _ = self.env._
        yield [_("Proposed on"), _("Accepted on"), _("Amount"), _("Currency"), _("Instalments"),
               _("Last instalment"), _("State"), _("Received")]  # fmt: skip
        for one in self._read(case.plan_ids.sorted("id")):
            yield [one.proposed_on or None, one.accepted_on or None, self._amount(one.amount),
                   one.currency_id.name, one.line_count, one.date_end or None,
                   self._label(one, "state"), self._amount(one.received)]  # fmt: skip

    @api.model
    def _tell_disputes(self, case):
        _ = self.env._
        yield [_("Opened on"), _("Documents"), _("Amount"), _("Currency"), _("Reason"),
               _("Description"), _("State")]  # fmt: skip
        disputes = self.env["collection.dispute"].search([("case_id", "=", case.id)], order="id")
        for one in self._read(disputes):
            yield [one.date_opened, ", ".join(filter(None, one.line_ids.mapped("move_name"))),
                   self._amount(one.amount), one.currency_id.name, one.reason_id.name,
                   one.description or "", self._label(one, "state")]  # fmt: skip

    # === HOW IT IS WRITTEN === #

    @api.model
    def _read(self, records):
        for batch in split_every(BATCH_SIZE, records.ids, records.browse):
            yield from batch

    @api.model
    def _label(self, record, name):
        labels = dict(record._fields[name]._description_selection(self.env))
        return labels.get(record[name]) or ""

    @api.model
    def _amount(self, value):
        return self.env["collection.ledger"]._to_decimal(value).quantize(Decimal("0.01"))

    @api.model
    def _make_workbook(self, form, items):
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
            sheet = Sheet(workbook, self._get_title(), (34, 60))
            for name, value in form:
                sheet.write(name, value)
            head, *rows = items
            sheet = Sheet(workbook, self.env._("Items"), [16] * len(head))
            sheet.head(*head, filtered=len(rows))
            for row in rows:
                sheet.write(*row)
        return stream.getvalue()


def _make_csv(rows):
    """Return a table with a mark that tells spreadsheets its encoding."""
    table = io.StringIO()
    csv.writer(table).writerows(
        [_cell(value) for value in row] for row in rows
    )
    return b"\xef\xbb\xbf" + table.getvalue().encode()


def _cell(value):
    if value is None:
        return ""
    return spreadsheet(value) if isinstance(value, str) else value
