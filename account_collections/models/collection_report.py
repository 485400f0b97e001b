import base64
import io
import logging
from decimal import Decimal

import xlsxwriter
from odoo import Command, api, fields, models
from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from ..report.statement_xlsx import Sheet

_logger = logging.getLogger(__name__)

#: Rows that the mail itself shows; the file has all of them.
SHOWN = 30

#: Days for which a mail that did not leave is tried again.
RETRIED_DAYS = 7


class CollectionReport(models.Model):
    """Which figures or lists go to whom, when, in which language: nobody has to fetch them.

    What it tells is all of its company; whoever sets it up decides who reads it.
    """

    _name = "collection.report"
    _description = "Routed Report"
    _order = "company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    kind = fields.Selection(
        selection=lambda self: self._get_kinds(), string="What", required=True, default="old_items"
    )
    days = fields.Integer(
        string="Overdue by More than", default=90, help="Days; of a list of overdue items."
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Recipients",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    to_salespeople = fields.Boolean(
        string="To Salespeople",
        help="Each gets the part about own customers, and nothing of others.",
    )
    frequency = fields.Selection(
        [("day", "Every day"), ("week", "Every week"), ("month", "Every month")],
        string="When",
        required=True,
        default="week",
    )
    next_date = fields.Date(
        string="Next on", required=True, default=lambda self: fields.Date.context_today(self)
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        help="By default that of each reader.",
    )
    attachment = fields.Selection(
        [("xlsx", "Spreadsheet"), ("pdf", "PDF"), ("none", "No file")],
        string="File",
        required=True,
        default="xlsx",
    )
    last_sent = fields.Datetime(readonly=True, copy=False)
    last_count = fields.Integer(string="Last Sent to", readonly=True, copy=False)
    stuck_count = fields.Integer(
        string="Not Delivered",
        compute="_compute_stuck_count",
        help="Mails that the mail server did not take; they are tried again for a week.",
    )

    @api.model
    def _get_kinds(self):
        """Return pairs (code, label); ``_make_<code>(salesperson)`` returns its tables."""
        return [
            ("old_items", self.env._("Items overdue for long")),
            ("disputes", self.env._("Open disputes")),
            ("week", self.env._("Each collector's week")),
            ("figures", self.env._("Indicators")),
        ]

    @api.constrains("user_ids", "to_salespeople", "kind", "company_id")
    def _check_readers(self):
        for report in self:
            if report.to_salespeople and report.kind not in ("old_items", "disputes"):
                raise ValidationError(
                    self.env._("Only lists of items and disputes have a part for each salesperson.")
                )
            for user in report.user_ids:
                if user.share or report.company_id not in user.company_ids:
                    raise ValidationError(
                        self.env._("%s does not work in this company.", user.display_name)
                    )

    @api.constrains("days")
    def _check_days(self):
        if any(report.days < 0 for report in self):
            raise ValidationError(self.env._("Days overdue are not below zero."))

    def _compute_stuck_count(self):
        # How many of its own mails are stuck is no secret to who may read a report.
        mails = self.env["mail.mail"].sudo()
        domain = self._get_stuck_domain() & Domain("res_id", "in", self.ids)
        counts = dict(mails._read_group(domain, ["res_id"], ["__count"]))
        for report in self:
            report.stuck_count = counts.get(report.id, 0)

    # === WHEN === #

    @api.model
    def _cron_send(self):
        """Send the reports whose day has come; one that fails keeps no other from leaving."""
        for report in self.search([("next_date", "<=", fields.Date.context_today(self))]):
            try:
                report._send()
                self.env["ir.cron"]._commit_progress()
            except Exception:
                self.env.cr.rollback()
                _logger.exception("The report %s was not sent", report.id)
        self._retry_stuck()

    @api.model
    def _get_stuck_domain(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), days=RETRIED_DAYS)
        return (
            Domain("model", "=", self._name)
            & Domain("state", "=", "exception")
            & Domain("create_date", ">=", since)
        )

    @api.model
    def _retry_stuck(self):
        """Give mails that the server did not take back to the queue, which never tries twice."""
        self.env["mail.mail"].search(self._get_stuck_domain()).mark_outgoing()

    def action_send_now(self):
        """Send it at once, besides its days."""
        self.check_access("write")
        for report in self:
            report._send()
        return True

    def _send(self):
        """Hand one mail for each reader to the queue; a part without rows is not sent."""
        self.ensure_one()
        today = self.company_id._collection_today()
        sent = 0
        for user in self.user_ids.filtered("active"):
            sent += self._send_to(user)
        if self.to_salespeople:
            for user in self._get_salespeople():
                sent += self._send_to(user, user)
        # Whoever may send it writes when it was sent.
        self.sudo().write(
            {
                "next_date": self._get_next_date(today),
                "last_sent": fields.Datetime.now(),
                "last_count": sent,
            }
        )

    def _get_next_date(self, today):
        """Return the next day: days that passed meanwhile are not made up for."""
        steps = {"day": {"days": 1}, "week": {"weeks": 1}, "month": {"months": 1}}
        count, day = 0, self.next_date
        while day <= today:
            count += 1
            step = {unit: count * number for unit, number in steps[self.frequency].items()}
            day = fields.Date.add(self.next_date, **step)
        return day

    # === TO WHOM === #

    def _get_salespeople(self):
        """Return the salespeople of this company whose customers have a case, as far as they
        have an address."""
        cases = self.env["collection.case"].sudo()
        where = [("company_id", "=", self.company_id.id), ("salesperson_id.active", "=", True)]
        groups = cases._read_group(where, ["salesperson_id"])
        users = self.env["res.users"].union(*(user for (user,) in groups))
        return users.filtered(lambda user: user.email and self.company_id in user.company_ids)

    def _send_to(self, user, salesperson=None):
        """Send it to one reader; return whether there was something to tell."""
        lang = self.lang or user.lang or self.company_id.partner_id.lang
        # The report tells what its company knows, to whom its managers chose.
        report = self.sudo().with_context(
            lang=lang, allowed_company_ids=self.company_id.ids, tz=user.tz
        )
        tables = getattr(report, f"_make_{self.kind}")(salesperson)
        if not any(table["rows"] for table in tables):
            return False
        report._post(user, tables)
        return True

    def _post(self, user, tables):
        today = self.company_id._collection_today()
        subject = self.env._(
            "%(name)s, %(day)s", name=self.name, day=format_date(self.env, today)
        )
        mail = {
            "subject": subject,
            "body_html": self._render(tables, subject, SHOWN),
            "email_from": self.company_id.email_formatted or self.env.user.email_formatted,
            "recipient_ids": [Command.link(user.partner_id.id)],
            "auto_delete": False,
            "model": self._name,
            "res_id": self.id,
        }
        if self.attachment != "none":
            make = self._write_workbook if self.attachment == "xlsx" else self._print
            name = subject.replace("/", "-") + "." + self.attachment
            content = base64.b64encode(make(tables, subject))
            mail["attachment_ids"] = [Command.create({"name": name, "datas": content})]
        self.env["mail.mail"].create(mail)

    # === HOW IT LOOKS === #

    def _render(self, tables, title, limit=None, is_file=False):
        return self.env["ir.qweb"]._render(
            "account_collections.routed_report",
            {
                "report": self,
                "title": title,
                "tables": [
                    {
                        **table,
                        "rows": table["rows"][:limit],
                        "more": max(len(table["rows"]) - (limit or len(table["rows"])), 0),
                    }
                    for table in tables
                ],
                "show": self._show,
                "is_number": lambda value: isinstance(value, Decimal | int),
                "is_file": is_file,
                # Without Qt's patches everything is printed a quarter smaller.
                "font_size": 9 if _wkhtml().is_patched_qt else 12,
            },
        )

    def _show(self, value):
        """Return a value in the reader's notation."""
        if isinstance(value, Decimal):
            return formatLang(self.env, float(value), currency_obj=self.company_id.currency_id)
        if hasattr(value, "isoformat"):
            return format_date(self.env, value)
        return "" if value is None else str(value)

    def _print(self, tables, title):
        html = self._render(tables, title, is_file=True)
        return self.env["collection.statement"]._convert(html)

    def _write_workbook(self, tables, title):
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
            for number, table in enumerate(tables, 1):
                widths = [28] + [16] * (len(table["columns"]) - 1)
                # Names of sheets are not told apart by their case, and may not repeat.
                sheet = Sheet(workbook, f"{number} {table['title']}", widths)
                sheet.write(title, style="title")
                sheet.skip()
                sheet.head(*table["columns"], filtered=len(table["rows"]))
                for row in table["rows"]:
                    sheet.write(*row)
        return stream.getvalue()
