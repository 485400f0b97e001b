from odoo import api, models


class CollectionInsuranceForm(models.AbstractModel):
    """What an insurer's form asks for."""

    _name = "collection.insurance.form"
    _description = "Data for an Insurer's Form"
    _inherit = "collection.archive.table"

    @api.model
    def _get_title(self):
        return self.env._("Declaration")

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
