import io

import xlsxwriter
from odoo import api, models

from ..report.statement_xlsx import Sheet

SUMMARY_WIDTHS = (30, 10, 14, 14, 14, 14, 14, 14, 14)
ITEM_WIDTHS = (28, 22, 28, 12, 12, 10, 16)
PAYMENT_WIDTHS = (28, 12, 22, 14, 28, 16, 22, 16)


class CollectionStatement(models.AbstractModel):
    """Statements as spreadsheets: a summary, then items and payments of each currency.

    Whatever a customer wrote is text: a name that begins with = + - or @ is never a formula.
    """

    _inherit = "collection.statement"

    @api.model
    def _make_workbooks(self, cases, as_of, lang, since=None, past=False):
        """Return {case id: XLSX} of the statements of account of ``cases``.

        :param cases: recordset ``collection.case`` of a single company
        :param date as_of: day of which they say what is open
        :param str lang: language of the statements
        :param date since: first day of the payments to show; None leaves them out
        :param bool past: read the ledger as it stood at the end of that day, not as it is now
        """
        model = self.with_context(lang=lang).with_company(cases.company_id)
        return {
            statement.case.id: model._write_workbook(statement, as_of)
            for statement in model._gather(cases, as_of, since, past)
        }

    @api.model
    def _write_workbook(self, statement, as_of):
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
            workbook.set_properties({"company": statement.case.company_id.name})
            self._write_summary(workbook, statement, as_of)
            for account in statement.accounts:
                if account.items:
                    self._write_items(workbook, account)
                if account.payments:
                    self._write_payments(workbook, account)
        return stream.getvalue()

    @api.model
    def _write_summary(self, workbook, statement, as_of):
        """Write whose statement it is, of which day, whom to ask, and debts by age."""
        case = statement.case
        company = case.company_id
        contact = case._get_contact()
        sheet = Sheet(workbook, self.env._("Summary"), SUMMARY_WIDTHS)
        sheet.write(self.env._("Statement of account"), style="title")
        sheet.write(company.name)
        sheet.write(case.partner_id.name, style="bold")
        if case.partner_id.ref:
            sheet.write(self.env._("Your customer number: %s", case.partner_id.ref))
        sheet.write(self.env._("As of"), as_of)
        if statement.since:
            sheet.write(self.env._("Payments since"), statement.since)
        sheet.write(
            self.env._("Your contact"),
            contact.name or company.name,
            company._collection_sender(contact) or "",
        )
        sheet.skip()
        if not any(account.items for account in statement.accounts):
            sheet.write(self.env._("Nothing is open."))
            return
        sheet.head(
            self.env._("Company"),
            self.env._("Currency"),
            self.env._("Not due"),
            self.env._("1–30 days"),
            self.env._("31–60 days"),
            self.env._("61–90 days"),
            self.env._("Over 90 days"),
            self.env._("Credits"),
            self.env._("Balance"),
        )
        for account in statement.accounts:
            self._write_ageing(sheet, account)

    @api.model
    def _write_ageing(self, sheet, account):
        """Write debts by age for each ledger partner, and their total when there are several."""
        members = account.members
        totals = [(account, self.env._("Balance"), "bold")] if len(members) > 1 else []
        for sums, label, style in [*((one, one.member, "") for one in members), *totals]:
            sheet.write(
                label, account.currency.name, *sums.ageing, sums.credits, sums.balance,
                style=style, places=account.currency.decimal_places,
            )  # fmt: skip

    @api.model
    def _write_items(self, workbook, account):
        sheet = Sheet(
            workbook, account.currency.name, ITEM_WIDTHS, account.currency.decimal_places
        )
        sheet.head(
            self.env._("Company"),
            self.env._("Document"),
            self.env._("Reference"),
            self.env._("Date"),
            self.env._("Due date"),
            self.env._("Days overdue"),
            self.env._("Open amount"),
            filtered=len(account.items),
        )
        for item in account.items:
            sheet.write(
                item.member, item.document, item.reference, item.date, item.due,
                item.days or None, item.amount,
            )  # fmt: skip
        sheet.write(self.env._("Balance"), *[None] * 5, account.balance, style="bold")

    @api.model
    def _write_payments(self, workbook, account):
        """Write a line for each document that a payment settled, so that lines can be filtered."""
        name = self.env._("Payments %s", account.currency.name)
        sheet = Sheet(workbook, name, PAYMENT_WIDTHS, account.currency.decimal_places)
        sheet.head(
            self.env._("Company"),
            self.env._("Date"),
            self.env._("Document"),
            self.env._("Kind"),
            self.env._("Reference"),
            self.env._("Amount"),
            self.env._("Settled"),
            self.env._("Settled amount"),
            filtered=sum(max(len(one.settled), 1) for one in account.payments),
        )
        kinds = self._get_kinds()
        for payment in account.payments:
            first = (
                payment.member, payment.date, payment.document, kinds[payment.kind],
                payment.reference,
            )  # fmt: skip
            # The amount stands once: what is added up is right.
            amount = payment.amount
            for document, settled in payment.settled or [(None, None)]:
                sheet.write(*first, amount, document, settled)
                amount = None
        sheet.write(self.env._("Total received"), *[None] * 4, account.paid, style="bold")
