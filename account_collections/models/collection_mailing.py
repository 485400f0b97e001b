import io
from base64 import b64encode

import pypdf
import xlsxwriter
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..engine.facts import REGISTERED
from ..report.statement_pdf import merge

#: Letters in one file: it is made while somebody waits.
MAX_LETTERS = 500

#: Widths of the mailing list's columns, in characters.
WIDTHS = (14, 12, 34, 30, 24, 10, 22, 18, 44, 8, 20)


class CollectionMailing(models.Model):
    """Letters printed together: one file for the printer and a list for the post office."""

    _name = "collection.mailing"
    _description = "Mailing"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date = fields.Date(required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="Printed by", required=True, readonly=True)
    reminder_ids = fields.One2many("collection.reminder", "mailing_id", string="Letters")
    letter_count = fields.Integer(string="Letters Printed", readonly=True)
    page_count = fields.Integer(string="Pages", readonly=True)
    waiting_count = fields.Integer(string="To Post", compute="_compute_waiting_count")
    pdf = fields.Binary(string="Letters to Print", attachment=True, readonly=True)
    pdf_name = fields.Char(compute="_compute_name")
    recipients = fields.Binary(string="Mailing List", attachment=True, readonly=True)
    recipients_name = fields.Char(compute="_compute_name")

    @api.depends_context("lang")
    @api.depends("date", "letter_count")
    def _compute_name(self):
        for mailing in self:
            day = fields.Date.to_string(mailing.date) or ""
            mailing.name = self.env._(
                "Mailing %(number)s of %(day)s",
                number=mailing.id,
                day=format_date(self.env, mailing.date),
            )
            mailing.pdf_name = self.env._("Letters %(day)s.pdf", day=day)
            mailing.recipients_name = self.env._("Mailing list %(day)s.xlsx", day=day)

    @api.depends("reminder_ids.state")
    def _compute_waiting_count(self):
        for mailing in self:
            states = mailing.reminder_ids.mapped("state")
            mailing.waiting_count = sum(state == "printed" for state in states)

    @api.model
    def _make(self, letters):
        """Print letters of one company: the file, the list, and the letters' state.

        Those that wait are asked about once more; none may be left.

        :raises UserError: they are of several companies, too many, or cannot be printed
        """
        self._check_letters(letters)
        # Reading the invoices that are enclosed takes rights that who prints may not have; that
        # they may print these letters was checked by whoever calls.
        letters = letters.sudo()
        delivery = self.env["collection.delivery"].sudo()
        letters = letters.filtered(
            lambda one: one.state == "printed" or delivery._ask_again(one)
        ).sorted(lambda one: (one.channel, one.debtor_id.name or "", one.id))
        if not letters:
            return self
        missing = letters.filtered(lambda one: not one.letter_id)
        for letter, pdf in self.env["collection.letter"].sudo()._make(missing).items():
            letter._keep_letter(pdf)
        mailing = self._create_mailing(letters)
        letters.mailing_id = mailing
        waiting = letters.filtered(lambda one: one.state == "to_print")
        waiting._set_state("printed")
        self.env["collection.evidence"]._record(waiting, "printed", {"mailing": mailing.id})
        return mailing.with_env(self.env)

    @api.model
    def _check_letters(self, letters):
        """:raises UserError: they cannot be printed together, or not by us, or not any more"""
        if len(letters.company_id) > 1:
            raise UserError(self.env._("Print the letters of one company at a time."))
        if len(letters) > MAX_LETTERS:
            raise UserError(
                self.env._(
                    "%(count)s letters are too many for one file: choose %(max)s at most.",
                    count=len(letters),
                    max=MAX_LETTERS,
                )
            )
        if letters.try_lock_for_update() != letters:
            raise UserError(self.env._("Somebody else is printing some of these letters."))
        # Read again: another may have printed or cancelled one before we had the lock.
        letters.invalidate_recordset(["state"])
        if any(letter.state not in ("to_print", "printed") for letter in letters):
            raise UserError(self.env._("Some of these letters no longer wait to be printed."))

    @api.model
    def _create_mailing(self, letters):
        company = letters.company_id
        pages = [_count_pages(letter.letter_id.raw) for letter in letters]
        # A mailing is made by printing, never by hand: nobody holds the right to create one.
        return self.sudo().create(
            {
                "company_id": company.id,
                "date": company._collection_today(),
                "user_id": self.env.uid,
                "letter_count": len(letters),
                "page_count": sum(pages),
                "pdf": b64encode(merge(letter.letter_id.raw for letter in letters)),
                "recipients": b64encode(self._write_list(letters, pages)),
            }
        )

    @api.model
    def _write_list(self, letters, pages):
        """Return the mailing list as a spreadsheet; cells are text, never formulas."""
        stream = io.BytesIO()
        labels = dict(letters._fields["channel"]._description_selection(self.env))
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
            sheet = book.add_worksheet(self.env._("Mailing list")[:31])
            bold = book.add_format({"bold": True})
            for column, (title, width) in enumerate(zip(self._get_titles(), WIDTHS)):
                sheet.write_string(0, column, title, bold)
                sheet.set_column(column, column, width)
            for row, (letter, count) in enumerate(zip(letters, pages), start=1):
                values = self._prepare_line(letter, labels[letter.channel], count)
                for column, value in enumerate(values):
                    sheet.write_string(row, column, str(value or ""))
            sheet.freeze_panes(1, 0)
        return stream.getvalue()

    @api.model
    def _get_titles(self):
        return [
            self.env._("Reference"), self.env._("Channel"), self.env._("Name"),
            self.env._("Street"), self.env._("Street 2"), self.env._("ZIP"), self.env._("City"),
            self.env._("Country"), self.env._("Subject"), self.env._("Pages"),
            self.env._("Tracking number"),
        ]

    @api.model
    def _prepare_line(self, letter, channel, pages):
        partner = letter.recipient_id
        return (
            f"{letter.case_id.id}-{letter.id}", channel,
            ", ".join(partner._get_collection_addressee()),
            partner.street, partner.street2, partner.zip, partner.city, partner.country_id.name,
            letter.subject, pages,
            letter.tracking_number if letter.channel == REGISTERED else "",
        )

    def action_posted(self):
        """All letters of the mailing that still wait were posted today."""
        self.reminder_ids.action_posted()
        return True


def _count_pages(pdf):
    return len(pypdf.PdfReader(io.BytesIO(pdf)).pages)
