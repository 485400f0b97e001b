from decimal import Decimal

from odoo import Command, api, models
from odoo.exceptions import UserError

from ..wording import with_colon
from .collection_agency import LAWYER, LEGAL

#: Who may have what a customer contests, or owes from before an insolvency.
JURISTS = (LAWYER, LEGAL)

#: Hand-overs that hold their items: they are not handed over twice.
STANDING = ("draft", "to_approve", "handed_over")


class CollectionHandover(models.Model):
    """What can be handed over, and the amounts of the day."""

    _inherit = "collection.handover"

    @api.model
    def _make(self, case, items, agency, **values):
        """Draft the hand-over of open items of a case.

        :param items: ``collection.item``
        :param values: ``is_whole``, ``note``
        :raises UserError: with what is wrong, in words for whoever enters it
        """
        case.ensure_one()
        case.check_access("write")
        # Of two who hand over at once the second waits, and then sees the first.
        case._queue()
        # What the screen showed may have changed.
        self.env["collection.promise"]._read_items_anew()
        self._check_items(case, items, agency)
        # Hand-overs are written by the product, for whoever may write the case.
        handover = self.sudo().create(
            {
                "case_id": case.id,
                "agency_id": agency.id,
                "date": case.company_id._collection_today(),
                "fee_percent": agency.fee_percent,
                "fee_fixed": agency.fee_fixed,
                "line_ids": [Command.create(self._prepare_line(item)) for item in items],
                **values,
            }
        )
        handover._compute_today()
        return handover.with_env(self.env)

    @api.model
    def _check_items(self, case, items, agency):
        if not items:
            raise UserError(self.env._("Choose what is handed over."))
        if items.case_id != case:
            raise UserError(self.env._("These items belong to several customers."))
        if agency.kind not in JURISTS and case.state == "insolvency":
            raise UserError(
                self.env._(
                    "The customer is insolvent: the claim is declared to the administrator. Only "
                    "lawyers may have it."
                )
            )
        # What others handed over counts, whoever did.
        standing = self.env["collection.handover.line"].sudo()._find_standing(items.line_id)
        for item in items:
            if problem := self._find_problem(item, agency, standing):
                raise UserError(with_colon(self.env, item.move_name, problem))

    @api.model
    def _find_problem(self, item, agency, standing):
        if item.line_id in standing:
            return self.env._("it is handed over already.")
        if item.amount <= 0:
            return self.env._("nothing is owed on it.")
        if not item.is_overdue:
            return self.env._("it is not overdue.")
        if item.is_disputed and agency.kind not in JURISTS:
            return self.env._("it is in dispute: settle it first, or choose a lawyer.")
        return None

    @api.model
    def _prepare_line(self, item):
        return {
            "line_id": item.line_id.id,
            "move_id": item.move_id.id,
            "move_name": item.move_name,
            "date_invoice": item.date,
            "date_due": item.date_due,
            "currency_id": item.currency_id.id,
            "amount_currency": item.amount_currency,
            "amount": item.amount,
        }

    def _compute_today(self):
        """Bring amounts and interest to today; what was paid since leaves.

        :raises UserError: when nothing is left
        """
        self.ensure_one()
        # Of a case that the caller may write; the ledger is not theirs to read.
        self.env["collection.prescription"].sudo()._refresh(self.company_id, cases=self.case_id)
        lines = self.sudo().line_ids
        items = self.env["collection.item"].sudo().search(
            [("line_id", "in", lines.line_id.ids), ("case_id", "=", self.case_id.id)]
        ).grouped("line_id")  # fmt: skip
        lines.filtered(lambda line: line.line_id not in items).unlink()
        if not lines.exists():
            raise UserError(self.env._("Nothing of it is open any more: cancel it."))
        lines = lines.exists()
        today = self.company_id._collection_today()
        claims = self.env["collection.interest.claim"].sudo()
        debts = claims._compute_debts(self.company_id, today, lines=lines.line_id.ids)
        by_line = {debt.line: debt for debt in debts}
        for line in lines:
            item = items[line.line_id]
            line.write(
                {
                    "amount_currency": item.amount_currency,
                    "amount": item.amount,
                    "date_prescribed": item.date_prescribed,
                    **self._prepare_interest(by_line.get(line.line_id.id)),
                }
            )

    def _prepare_interest(self, debt):
        """Return interest and compensation of a debt in company currency, and its computation."""
        places = self.currency_id.decimal_places
        if not debt or debt.problem:
            return {
                "interest": 0,
                "compensation": 0,
                "problem": debt.problem if debt else False,
                "periods": [],
            }
        return {
            "interest": float(round(debt.interest * debt.ratio, places)),
            "compensation": float(round(debt.compensation * debt.ratio, places)),
            "problem": False,
            "periods": [
                [str(one.first), str(one.last), str(one.principal), str(one.rate), str(one.amount)]
                for one in debt.periods
            ],
        }

    def _get_periods(self):
        """Yield (line, first day, last day, principal, rate, interest) of each period."""
        for line in self.line_ids:
            for first, last, *amounts in line.periods or ():
                yield line, first, last, *map(Decimal, amounts)
