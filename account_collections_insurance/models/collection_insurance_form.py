import csv
import io
from decimal import Decimal

import xlsxwriter
from odoo import api, models
from odoo.addons.account_collections.models.collection_pack import spreadsheet
from odoo.addons.account_collections.report.statement_xlsx import Sheet
from odoo.tools import split_every

#: Rows read together.
BATCH_SIZE = 500


class CollectionInsuranceForm(models.AbstractModel):
    """What an insurer's form asks for, as a workbook and as tables for programs.

    Amounts are numbers with a point, days are ISO days; columns bear the words of the language.
    """

    _name = "collection.insurance.form"
    _description = "Data for an Insurer's Form"

    @api.model
    def _get_files(self, filing):
        """Yield (name, content)."""
        form, items = self._tell_form(filing), list(self._tell_items(filing))
        yield "form.xlsx", self._make_workbook(form, items)
        yield "form.csv", _make_csv([[name for name, _v in form], [value for _n, value in form]])
        yield "items.csv", _make_csv(items)
        for name, rows in (
            ("promises.csv", self._tell_promises(filing.case_id)),
            ("plans.csv", self._tell_plans(filing.case_id)),
            ("disputes.csv", self._tell_disputes(filing.case_id)),
        ):
            yield name, _make_csv(rows)

    # === THE FORM === #

    @api.model
    def _tell_form(self, filing):
        """Return [(name, value)] of what is asked once."""
        _ = self.env._
        policy, buyer, debtor = filing.policy_id, filing.buyer_id, filing.partner_id
        limit = buyer.decision_ids.filtered(
            lambda one: not one.is_annulled and one.kind != "annulled"
        )[:1]
        blind = filing.item_ids.term_id[:1].discretionary
        return [
            (_("Step"), self._label(filing, "kind")),
            (_("Declared on"), filing.date),
            (_("Reason"), self._label(filing, "cause")),
            (_("Insurer's reference"), filing.reference or ""),
            (_("Insurer"), policy.insurer_id.name),
            (_("Policy"), policy.name),
            (_("Insured company"), filing.company_id.name),
            (_("Insured company's registration number"), filing.company_id.company_registry or ""),
            (_("Buyer"), debtor.name),
            (_("Insurer's number of the buyer"), buyer.insurer_ref or ""),
            (_("Registration number"), buyer.registration or debtor.company_registry or ""),
            (_("VAT number"), debtor.vat or ""),
            (_("Customer code"), debtor.ref or ""),
            (_("Address"), " ".join((debtor.contact_address or "").split())),
            (_("Grade"), buyer.grade or ""),
            (_("Decision"), self._label(limit, "kind") if limit else _("None: blind cover")),
            (_("Decision's reference"), limit.reference or ""),
            (_("In effect from"), limit.date_effective or None),
            (_("Limit"), self._amount(buyer.limit_amount if limit else blind)),
            (_("Currency of the limit"), policy.currency_id.name),
            (_("Open"), self._amount(filing.amount)),
            (_("Covered"), self._amount(filing.covered)),
            (_("Uncovered"), self._amount(filing.uncovered)),
            (_("Expected indemnity"), self._amount(filing.indemnity)),
            (_("Currency"), filing.company_currency_id.name),
            (_("Note"), filing.note or ""),
        ]

    @api.model
    def _tell_items(self, filing):
        """Yield the head, and a row for each item."""
        _ = self.env._
        yield [
            _("Document"), _("Document date"), _("Delivered"), _("Due date"), _("Currency"),
            _("Document total"), _("Open"), _("Open, company currency"), _("Covered"),
            _("Uncovered"), _("Contested"), _("Why not all"), _("Insured %"),
            _("Expected indemnity before the deductible"), _("Longest term in days"),
            _("Notify by"), _("Extension ends"), _("Hand over by"), _("Claim by"),
        ]  # fmt: skip
        for item in filing.item_ids:
            percent = item.covered and item.indemnity / item.covered * 100
            yield [
                item.move_name, item.date_invoice, item.date_delivered or None, item.date_due,
                item.currency_id.name, self._amount(item.amount_total),
                self._amount(item.amount_currency), self._amount(item.amount),
                self._amount(item.covered), self._amount(item.uncovered),
                self._amount(item.disputed), self._label(item, "reason"),
                self._amount(round(percent, 2)), self._amount(item.indemnity),
                item.term_id.credit_days or None, item.date_notification or None,
                item.date_extension or None, item.date_hand_over or None, item.date_claim or None,
            ]  # fmt: skip

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
            sheet = Sheet(workbook, self.env._("Declaration"), (34, 60))
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
