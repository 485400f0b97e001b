import base64
import io
from decimal import Decimal

import xlsxwriter
from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ..engine import interest
from ..report.statement_xlsx import Sheet


class CollectionInterestNote(models.Model):
    """From an approved note to its invoice, and what becomes of it when debts are credited."""

    _inherit = "collection.interest.note"

    excess = fields.Monetary(
        string="Credited Since",
        compute="_compute_excess",
        help="Interest and compensation of what was credited after the note was booked: it was "
        "never owed, and neither was this.",
    )

    # === BOOK === #

    def action_book(self):
        """Post an invoice for each note, with the computation attached.

        :raises AccessError: for whoever may not make invoices
        :raises UserError: without an approval, or in a locked period
        """
        moves = self.env["account.move"]
        moves.check_access("create")
        self._check_transition("booked", ("approved",))
        for note in self:
            note._check_still_owed()
            note._check_unlocked(note._get_journal())
            move = moves.create(note._prepare_move_vals())
            move.action_post()
            note._attach_computation(move)
            # The accountant may make the invoice, and only through it the note is booked.
            note._set_state("booked", move_id=move.id)
            moves |= move
        return self.env["collection.dispute"]._show_moves(moves)

    def _check_still_owed(self):
        """Refuse a note that is not what the ledger says any more, or is contested.

        :raises UserError: one of its debts was paid or credited otherwise, or is in dispute
        """
        # Read for the check alone: the ledger of this customer.
        claims = self.env["collection.interest.claim"].sudo()
        steps = self.sudo().line_ids.filtered(lambda line: line.kind == "interest")
        debts = claims._query_debts(self.company_id, lines=self.sudo().line_ids.line_id.ids)
        terms = claims._get_terms(self.company_id, debts, self.company_id._get_interest_law())
        for debt in debts:
            own = steps.filtered(lambda line, debt=debt: line.line_id.id == debt.line)
            if debt.is_disputed:
                raise UserError(
                    self.env._(
                        "%(document)s is in dispute: solve it first, or waive the note.",
                        document=debt.name,
                    )
                )
            if not own:
                continue
            debt.since = min(own.mapped("date_from")) - interest.DAY
            claims._apply_terms(debt, terms[debt.partner], max(own.mapped("date_to")))
            if self.currency_id.compare_amounts(float(debt.interest), sum(own.mapped("amount"))):
                raise UserError(
                    self.env._(
                        "%(document)s: the ledger has changed since the note was drafted. Cancel "
                        "it, and draft it anew.",
                        document=debt.name,
                    )
                )

    def _get_journal(self):
        return self.env["account.journal"].search(
            [("company_id", "=", self.company_id.id), ("type", "=", "sale")], limit=1
        )

    def _prepare_move_vals(self):
        """Return the values of the invoice; interest is no supply, hence no tax on it."""
        self.ensure_one()
        lang = self.partner_id.lang or self.company_id.partner_id.lang
        note = self.with_context(lang=lang)
        return {
            "move_type": "out_invoice",
            "company_id": self.company_id.id,
            "journal_id": self._get_journal().id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": self.date,
            "invoice_origin": note.env._("Late-payment interest"),
            "invoice_line_ids": [Command.create(vals) for vals in note._prepare_move_lines()],
        }

    def _prepare_move_lines(self):
        lines = []
        for (name, kind), steps in self._get_positions():
            amount = sum(steps.mapped("amount"))
            lines.append(self._prepare_move_line(self._say_position(name, kind, steps), amount))
        return lines

    def _prepare_move_line(self, name, amount):
        account = self.company_id.collection_interest_account_id
        account = account or self._get_journal().default_account_id
        return {
            "name": name,
            "quantity": 1,
            "price_unit": amount,
            "account_id": account.id,
            "tax_ids": [Command.clear()],
        }

    def _get_positions(self):
        """Return [((document, kind), lines)]: each becomes a line of the invoice."""
        return list(self.line_ids.grouped(lambda line: (line.move_name, line.kind)).items())

    def _say_position(self, name, kind, steps):
        _ = self.env._
        if kind == "compensation":
            return _("%(document)s: fixed compensation for recovery costs", document=name)
        rates = dict.fromkeys(formatLang(self.env, step.rate, digits=2) for step in steps)
        return _(
            "%(document)s: late-payment interest from %(first)s to %(last)s, %(days)s days, "
            "%(rates)s %% a year",
            document=name,
            first=format_date(self.env, min(steps.mapped("date_from"))),
            last=format_date(self.env, max(steps.mapped("date_to"))),
            days=sum(steps.mapped("days")),
            rates=" / ".join(rates),
        )

    # === THE COMPUTATION === #

    def _attach_computation(self, move):
        """Put the computation beside the invoice, for whoever reads it there."""
        self.env["ir.attachment"].create(
            {
                "name": self.env._("Computation of %(invoice)s.xlsx", invoice=move.name).replace(
                    "/", "-"
                ),
                "datas": base64.b64encode(self._make_workbook(move)),
                "res_model": move._name,
                "res_id": move.id,
            }
        )

    def _make_workbook(self, move):
        """Return the bytes of the workbook: each step with principal, period, days and rate."""
        _ = self.with_context(lang=self.partner_id.lang or self.env.lang).env._
        output = io.BytesIO()
        workbook = xlsxwriter.Workbook(
            output, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        places = self.currency_id.decimal_places
        sheet = Sheet(workbook, _("Computation"), (22, 14, 16, 12, 12, 8, 10, 16), places)
        sheet.write(_("Interest note %s", move.name), style="title")
        sheet.write(_("Interest = principal x rate x days / 365, for each day after the due date."))
        sheet.skip()
        sheet.head(
            _("Document"), _("Due Date"), _("Principal"), _("From"), _("Until"), _("Days"),
            _("Rate (%)"), _("Amount (%s)", self.currency_id.name), filtered=len(self.line_ids),
        )  # fmt: skip
        for line in self.line_ids:
            exact = Decimal(str(line.amount))
            if line.kind == "compensation":
                label = _("Fixed compensation")
                sheet.write(line.move_name, line.date_due, None, label, None, None, None, exact)
                continue
            sheet.write(
                line.move_name, line.date_due, Decimal(str(line.principal)), line.date_from,
                line.date_to, line.days, line.rate, exact,
            )  # fmt: skip
        total = Decimal(str(self.amount))
        sheet.write(_("Total"), None, None, None, None, None, None, total, style="bold")
        workbook.close()
        return output.getvalue()

    # === WHAT WAS CREDITED SINCE === #

    @api.depends("state", "line_ids.line_id", "credit_move_ids.state")
    def _compute_excess(self):
        """Compare booked notes with what they would be, had the credited part never been owed."""
        for note in self:
            note.excess = 0
        booked = self.filtered(lambda one: one.state == "booked")
        claims = self.env["collection.interest.claim"].sudo()
        for company, notes in booked.grouped("company_id").items():
            found = claims._query_debts(company, lines=notes.line_ids.line_id.ids)
            debts = {debt.line: debt for debt in found}
            for note in notes:
                credited = sum(
                    note.sudo()
                    .credit_move_ids.filtered(lambda move: move.state != "cancel")
                    .mapped("amount_total")
                )
                note.excess = max(note._get_never_owed(debts) - credited, 0)

    def _get_never_owed(self, debts):
        """Return how much of the note is of amounts that were credited after it was drafted.

        A credit note that was known then begins a step of its own: one that lies within a step,
        or after the last one, is new.
        """
        total = Decimal(0)
        steps = self.line_ids.filtered("date_to").sorted("date_to")
        last = {line.line_id.id: line.date_to for line in steps}
        for line in self.line_ids:
            debt = debts.get(line.line_id.id)
            if not debt:
                continue
            booked = Decimal(str(line.amount))
            if line.kind == "compensation":
                credited = sum(amount for _day, amount, is_credit in debt.cuts if is_credit)
                total += booked if credited >= debt.amount else 0
                continue
            left = debt.amount - sum(
                amount
                for day, amount, is_credit in debt.cuts
                if day < line.date_from
                or is_credit
                and (day < line.date_to or day > last[line.line_id.id])
            )
            principal = Decimal(str(line.principal))
            share = min(max(left, Decimal(0)) / principal, Decimal(1))
            total += booked * (1 - share)
        return self.currency_id.round(float(total))

    def action_credit_excess(self):
        """Draft a credit note over the interest of what was credited since.

        :raises AccessError: for whoever may not make invoices
        """
        self.ensure_one()
        self.env["account.move"].check_access("create")
        if not self.excess:
            raise UserError(self.env._("Nothing of its debts was credited since it was booked."))
        today = self.company_id._collection_today()
        credit = self.move_id._reverse_moves(
            [{"ref": self.move_id.name, "date": today, "invoice_date": today,
              "invoice_payment_term_id": False}]
        )  # fmt: skip
        credit.invoice_line_ids = [
            Command.clear(),
            Command.create(
                self._prepare_move_line(
                    self.env._("Interest on what was credited since"), self.excess
                )
            ),
        ]
        # The accountant may make the credit note, and only through it write the note.
        self.sudo().credit_move_ids = [Command.link(credit.id)]
        amount = formatLang(self.env, credit.amount_total, currency_obj=self.currency_id)
        self._message_log(body=self.env._("A credit note over %s was drafted.", amount))
        return credit.get_formview_action()
