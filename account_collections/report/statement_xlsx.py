"""Sheets of a workbook whose values are what they are: text, number or day. Without Odoo."""

import re
from datetime import date, datetime, time
from decimal import Decimal

#: The longest text and name of a sheet that spreadsheets take, and what no such name may hold.
MAX_TEXT = 32_767
MAX_NAME = 31
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")

LOOKS = {
    "": {},
    "bold": {"bold": True},
    "title": {"bold": True, "font_size": 16},
    "head": {"bold": True, "bottom": 1, "text_wrap": True},
}

#: The built-in format that shows a day in the order of each reader's own country.
SHORT_DATE = 14
A4 = 9


class Sheet:
    """A sheet that is written row by row.

    Text is only ever written as text: no formula, no link and no number is read into it.

    :param workbook: a ``xlsxwriter.Workbook``
    :param widths: of its columns, in characters
    :param int places: decimals of its amounts
    """

    def __init__(self, workbook, name, widths, places=2):
        self._workbook = workbook
        self._sheet = workbook.add_worksheet(NOT_IN_NAMES.sub(" ", name)[:MAX_NAME])
        self._places = places
        self._formats = {}
        self._row = 0
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        self._sheet.set_landscape()
        self._sheet.set_paper(A4)
        self._sheet.fit_to_pages(1, 0)

    def skip(self):
        self._row += 1

    def head(self, *names, filtered=0):
        """Write column heads; ``filtered`` rows that follow can be filtered, below heads that
        stay in sight and stand on each printed page."""
        if filtered:
            self._sheet.autofilter(self._row, 0, self._row + filtered, len(names) - 1)
            self._sheet.freeze_panes(self._row + 1, 0)
            self._sheet.repeat_rows(self._row)
        self.write(*names, style="head")

    # No method of a model.
    # pylint: disable-next=method-required-super
    def write(self, *values, style="", places=None):
        """Write a row; None leaves a cell empty."""
        places = self._places if places is None else places
        for column, value in enumerate(values):
            cell = (self._row, column)
            if isinstance(value, str):
                self._sheet.write_string(*cell, value[:MAX_TEXT], self._get_format(style))
            elif isinstance(value, Decimal):
                number = "#,##0" + ("." + "0" * places if places else "")
                self._sheet.write_number(*cell, float(value), self._get_format(style, number))
            elif isinstance(value, date):
                day = datetime.combine(value, time.min)
                self._sheet.write_datetime(*cell, day, self._get_format(style, SHORT_DATE))
            elif value is not None:
                self._sheet.write_number(*cell, value, self._get_format(style))
        self._row += 1

    def _get_format(self, style, number=None):
        """Return the format of a look and a number; each is made once a sheet."""
        key = (style, number)
        if key not in self._formats:
            look = dict(LOOKS[style])
            if number is not None:
                look["num_format"] = number
            if number == SHORT_DATE:
                look["align"] = "left"
            self._formats[key] = self._workbook.add_format(look)
        return self._formats[key]
