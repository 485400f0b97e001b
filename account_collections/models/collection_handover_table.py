from odoo import api, models


class CollectionHandoverTable(models.AbstractModel):
    """The summary of a hand-over, its items, and how interest was computed."""

    _name = "collection.handover.table"
    _description = "Tables of a Hand-Over"
    _inherit = "collection.archive.table"

    @api.model
    def _get_title(self):
        return self.env._("Hand-over")

    @api.model
    def _tell_form(self, handover):
        _ = self.env._
        company, debtor = handover.company_id, handover.partner_id
        return [
            (_("Entrusted to"), handover.agency_id.display_name),
            (_("Our number there"), handover.agency_id.our_reference or ""),
            (_("Their reference"), handover.reference or ""),
            (_("Handed over on"), handover.date),
            (_("Creditor"), company.name),
            (_("Creditor's registration number"), company.company_registry or ""),
            (_("Creditor's VAT number"), company.vat or ""),
            (_("Debtor"), debtor.name),
            (_("Registration number"), debtor.company_registry or ""),
            (_("VAT number"), debtor.vat or ""),
            (_("Customer code"), debtor.ref or ""),
            (_("Address"), " ".join((debtor.contact_address or "").split())),
            (_("E-mail"), debtor.email or ""),
            (_("Phone"), debtor.phone or ""),
            (_("Principal"), self._amount(handover.principal)),
            (_("Interest to that day"), self._amount(handover.interest)),
            (_("Fixed compensation"), self._amount(handover.compensation)),
            (_("Total"), self._amount(handover.amount)),
            (_("Currency"), handover.currency_id.name),
            (_("First prescribed after"), min(
                filter(None, handover.line_ids.mapped("date_prescribed")), default=None)),
            (_("Contact with us"), handover.case_id._get_contact().name or ""),
            (_("Remark"), handover.note or ""),
        ]  # fmt: skip

    @api.model
    def _tell_items(self, handover):
        _ = self.env._
        yield [
            _("Document"), _("Document date"), _("Due date"), _("Currency"), _("Principal"),
            _("Principal, company currency"), _("Interest"), _("Fixed compensation"),
            _("No interest because"), _("Prescribed after"),
        ]  # fmt: skip
        for line in handover.line_ids:
            yield [
                line.move_name, line.date_invoice or None, line.date_due, line.currency_id.name,
                self._amount(line.amount_currency), self._amount(line.amount),
                self._amount(line.interest), self._amount(line.compensation),
                self._label(line, "problem"), line.date_prescribed or None,
            ]  # fmt: skip

    @api.model
    def _get_tables(self, handover):
        return [("interest.csv", self._tell_interest(handover)), *super()._get_tables(handover)]

    @api.model
    def _tell_interest(self, handover):
        """Each period, in the currency of its document."""
        _ = self.env._
        yield [_("Document"), _("From"), _("Until"), _("Principal"), _("Rate (% a year)"),
               _("Interest"), _("Currency")]  # fmt: skip
        for line, first, last, principal, rate, amount in handover._get_periods():
            yield [line.move_name, first, last, principal, rate, amount, line.currency_id.name]
