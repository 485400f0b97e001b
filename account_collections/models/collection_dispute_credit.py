from odoo import Command, api, models
from odoo.exceptions import UserError

from .collection_dispute import ACCEPTED, OWED_AGAIN


class CollectionDispute(models.Model):
    """From an accepted amount to its credit note, which an accountant drafts and posts."""

    _inherit = "collection.dispute"

    def _ask_for_credit_note(self, today):
        """Give the accountant the credit note to draft."""
        self.ensure_one()
        accountant = self.company_id.collection_dispute_accountant_id
        if not accountant or not accountant.active:
            accountant = self.sudo().case_id._get_responsible()
        self._plan(accountant, self.env._("Draft the credit note"), today)

    def action_draft_credit_note(self):
        """Draft a credit note for each document, over what was accepted of it.

        :raises AccessError: for whoever may not make invoices
        :raises UserError: when nothing is to be credited
        """
        self.env["account.move"].check_access("create")
        credits = self.env["account.move"]
        for dispute in self:
            lines = dispute.line_ids.filtered(
                lambda line: line.accepted_currency
                and line.credit_move_id.state not in ("draft", "posted")
            )
            if dispute.state not in ACCEPTED or not lines:
                raise UserError(
                    self.env._(
                        "%(dispute)s: there is no accepted amount without a credit note.",
                        dispute=dispute.name,
                    )
                )
            for move, group in lines.grouped("move_id").items():
                credit = dispute._draft_credit_note(move, group)
                # The accountant may write the credit note, and only through it the dispute.
                group.sudo().credit_move_id = credit
                credits |= credit
            dispute._message_log(body=self.env._("A credit note was drafted."))
        return self._show_moves(credits)

    def action_open_credit_notes(self):
        return self._show_moves(self.line_ids.credit_move_id)

    def action_open_documents(self):
        return self._show_moves(self.line_ids.move_id)

    def _show_moves(self, moves):
        action = {"type": "ir.actions.act_window", "res_model": "account.move"}
        if len(moves) == 1:
            return {**action, "res_id": moves.id, "view_mode": "form"}
        return {
            **action,
            "name": self.env._("Documents"),
            "view_mode": "list,form",
            "domain": [("id", "in", moves.ids)],
        }

    # === DRAFT === #

    def _draft_credit_note(self, move, lines):
        """Return a draft over what was accepted of ``lines``, which are all of ``move``."""
        today = self.company_id._collection_today()
        values = {
            "ref": self.env._("Dispute %(dispute)s", dispute=self.name),
            "date": today,
            "invoice_date": today,
        }
        if not move.is_sale_document(include_receipts=False):
            return self._draft_plain_credit_note(lines, values)
        credit = move._reverse_moves([{**values, "invoice_payment_term_id": False}])
        accepted = sum(lines.mapped("accepted_currency"))
        if lines.invoice_line_id or move.currency_id.compare_amounts(accepted, move.amount_total):
            credit.invoice_line_ids = [
                Command.clear(),
                *(Command.create(vals) for vals in self._prepare_credit_lines(move, lines)),
            ]
            self._balance_rounding(credit, accepted)
        return credit

    def _prepare_credit_lines(self, move, lines):
        """Return the values of the credit note's lines: a share of the invoice's, taxes alike."""
        shares = {}
        for line in lines:
            if line.invoice_line_id:
                shares.setdefault(line.invoice_line_id, 0)
                shares[line.invoice_line_id] += line.accepted_currency
                continue
            for original in move.invoice_line_ids.filtered(
                lambda one: one.display_type == "product"
            ):
                part = line.accepted_currency * original.price_total / move.amount_total
                shares[original] = shares.get(original, 0) + part
        return [self._prepare_credit_line_vals(*share) for share in shares.items()]

    @api.model
    def _prepare_credit_line_vals(self, original, amount):
        """Return the values of a line that comes to ``amount``, tax included."""
        vals = {
            "name": original.name,
            "product_id": original.product_id.id,
            "product_uom_id": original.product_uom_id.id,
            "account_id": original.account_id.id,
            "tax_ids": [Command.set(original.tax_ids.ids)],
            "analytic_distribution": original.analytic_distribution,
        }
        if not original.currency_id.compare_amounts(amount, original.price_total):
            return {
                **vals,
                "quantity": original.quantity,
                "price_unit": original.price_unit,
                "discount": original.discount,
            }
        included = original.tax_ids and all(original.tax_ids.mapped("price_include"))
        base = original.price_total if included else original.price_subtotal
        return {**vals, "quantity": 1, "price_unit": base * amount / original.price_total}

    @api.model
    def _balance_rounding(self, credit, accepted):
        """Make the credit note come to what was promised, whatever taxes round to."""
        missing = credit.currency_id.round(accepted - credit.amount_total)
        if not credit.currency_id.is_zero(missing):
            account = credit.invoice_line_ids[:1].account_id
            credit.invoice_line_ids = [
                Command.create(
                    {
                        "name": self.env._("Rounding"),
                        "account_id": account.id,
                        "quantity": 1,
                        "price_unit": missing,
                        "tax_ids": [Command.clear()],
                    }
                )
            ]

    def _draft_plain_credit_note(self, lines, values):
        """Return a draft for an item without an invoice; the accountant says on what account."""
        return self.env["account.move"].create(
            {
                **values,
                "move_type": "out_refund",
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "currency_id": lines.currency_id[:1].id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": line.move_name,
                            "quantity": 1,
                            "price_unit": line.accepted_currency,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for line in lines
                ],
            }
        )

    # === FOLLOW === #

    @api.model
    def _follow_credit_notes(self, moves):
        """Close the disputes all of whose credit notes are posted by now."""
        credits = moves.filtered(lambda move: move.move_type == "out_refund")
        if not credits:
            return
        lines = self.env["collection.dispute.line"].search([("credit_move_id", "in", credits.ids)])
        for dispute in lines.dispute_id.filtered(lambda one: one.state in ACCEPTED):
            accepted = dispute.line_ids.filtered("accepted_currency")
            if set(accepted.mapped("credit_state")) == {"posted"}:
                dispute._close(dispute.company_id._collection_today())

    @api.model
    def _owe_credit_again(self, moves):
        """Open what was closed by credit notes that are no longer posted: drafts, or deleted."""
        lines = self.env["collection.dispute.line"].search([("credit_move_id", "in", moves.ids)])
        for dispute in lines.dispute_id.filtered(
            lambda one: one.state in OWED_AGAIN and one.outcome in ACCEPTED
        ):
            dispute._set_state(dispute.outcome, origins=OWED_AGAIN, closed_on=False)
            dispute._message_log(
                body=self.env._("The credit note is no longer posted: its amount is owed again.")
            )
            dispute._ask_for_credit_note(dispute.company_id._collection_today())
