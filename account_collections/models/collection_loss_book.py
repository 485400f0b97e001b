from decimal import Decimal

from odoo import Command, models
from odoo.exceptions import UserError

from ..engine import losses


class CollectionLoss(models.Model):
    """From an approved loss to its entries, back, and what comes in after all."""

    _inherit = "collection.loss"

    def action_book(self):
        """Post the entries, and reconcile what they settle.

        :raises AccessError: for whoever may not make entries
        :raises UserError: without an approval or an account, in a locked period, or when the
            ledger has changed since
        """
        moves = self.env["account.move"]
        moves.check_access("create")
        self._check_transition("booked", ("approved",))
        for loss in self:
            loss._check_bookable()
            made = loss._write_off()
            if loss.kind == losses.DOUBTFUL:
                made |= loss._depreciate()
            elif loss.kind == losses.LOSS:
                made |= loss._release_depreciation()
            # The accountant may make the entries, and only through them the loss is booked.
            loss._set_state("booked", move_ids=[Command.set(made.ids)])
            loss._attach_evidence(made)
            moves |= made
        return self.env["collection.dispute"]._show_moves(moves)

    # === CHECKS === #

    def _check_bookable(self):
        self._check_unlocked(None, bool(self.tax))
        for line in self.line_ids:
            item = line.line_id
            if not item or self.currency_id.compare_amounts(item.amount_residual, line.amount):
                raise UserError(
                    self.env._(
                        "%(document)s: the ledger has changed since it was proposed. Cancel the "
                        "loss, and propose it anew.",
                        document=line.move_name,
                    )
                )

    def _get_account(self, name):
        account = self.company_id[name]
        if not account:
            label = self.company_id._fields[name]._description_string(self.env)
            raise UserError(
                self.env._(
                    "Settings, Losses: choose “%(account)s” before it is booked.", account=label
                )
            )
        return account

    # === ENTRIES === #

    def _post(self, lines, ref, day=None):
        """Return a posted entry over the values of its lines, of the day of the loss by default."""
        company = self.company_id
        journal = company.collection_loss_journal_id or self.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "general")], limit=1
        )
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "company_id": company.id,
                "journal_id": journal.id,
                "date": day or self.date,
                "ref": ref,
                "line_ids": [Command.create(vals) for vals in lines],
            }
        )
        move.action_post()
        return move

    def _write_off(self):
        """Settle each item; what comes in its place is a loss, or the same debt, doubtful."""
        values, pairs = [], []
        for line in self.line_ids:
            pairs.append((line, len(values)))
            values.append(
                {
                    "account_id": line.line_id.account_id.id,
                    "partner_id": line.line_id.partner_id.id,
                    "name": line.move_name,
                    "currency_id": line.currency_id.id,
                    "amount_currency": -line.amount_currency,
                    "balance": -line.amount,
                }
            )
            values += self._prepare_counterparts(line)
        move = self._post(values, self.display_name)
        entries = move.line_ids.sorted("id")
        for line, place in pairs:
            entry = entries[place]
            (line.line_id | entry).reconcile()
            if self.kind == losses.DOUBTFUL:
                # As above: only through its entry.
                line.sudo().doubtful_line_id = entries[place + 1]
        return move

    def _prepare_counterparts(self, line):
        common = {"name": line.move_name, "partner_id": line.line_id.partner_id.id}
        if self.kind == losses.DOUBTFUL:
            return [
                {
                    **common,
                    "account_id": self._get_account("collection_doubtful_account_id").id,
                    "currency_id": line.currency_id.id,
                    "amount_currency": line.amount_currency,
                    "balance": line.amount,
                    "date_maturity": line.date_due,
                }
            ]
        small = self.kind == losses.SMALL
        name = "collection_loss_small_account_id" if small else "collection_loss_account_id"
        net = {**common, "account_id": self._get_account(name).id}
        if not line.tax:
            return [{**net, "balance": line.amount}]
        return [
            {**net, "balance": self.currency_id.round(line.amount - line.tax)},
            *self._prepare_taxes(line, line.amount, common),
        ]

    def _prepare_taxes(self, line, amount, common):
        """Return the values of the lines that take a document's taxes back, of ``amount``."""
        taxes = line._get_taxes(line.origin_id)
        _net, parts = losses.split(
            Decimal(str(amount)),
            [tax for _line, tax in taxes],
            Decimal(str(line.origin_id.amount_total_signed)),
            self.currency_id.decimal_places,
        )
        return [
            {
                **common,
                "account_id": tax_line.account_id.id,
                "balance": float(part),
                "tax_repartition_line_id": tax_line.tax_repartition_line_id.id,
                "tax_tag_ids": [Command.set(tax_line.tax_tag_ids.ids)],
            }
            for (tax_line, _amount), part in zip(taxes, parts)
        ]

    def _depreciate(self):
        """Return the entry of the depreciation of a doubtful debt, without its tax."""
        total = 0.0
        for line in self.line_ids:
            taxes = [tax for _line, tax in line._get_taxes(line.origin_id)]
            whole = Decimal(str(line.origin_id.amount_total_signed))
            net, _parts = losses.split(Decimal(str(line.amount)), taxes, whole)
            amount = losses.depreciate(net, Decimal(str(self.percent)))
            # As above: only through its entry.
            line.sudo().depreciation = float(amount)
            total += float(amount)
        return self._post_depreciation(total) if total else self.env["account.move"]

    def _release_depreciation(self):
        """Return the entry that takes back the depreciation of what is lost now."""
        known = self.env["collection.loss.line"].sudo()._find_doubtful(self.line_ids.line_id)
        total = sum(line.depreciation for line in known.values())
        return self._post_depreciation(-total) if total else self.env["account.move"]

    def _post_depreciation(self, amount):
        expense = self._get_account("collection_depreciation_account_id")
        provision = self._get_account("collection_provision_account_id")
        return self._post(
            [
                {"account_id": expense.id, "balance": amount, "partner_id": self.partner_id.id},
                {"account_id": provision.id, "balance": -amount, "partner_id": self.partner_id.id},
            ],
            self.display_name,
        )

    def _attach_evidence(self, moves):
        """Say on the entries why, and who decided, for whoever reads them there."""
        labels = dict(self._fields["reason"]._description_selection(self.env))
        for move in moves:
            move.message_post(
                body=self.env._(
                    "%(reason)s. Approved by %(user)s. %(note)s",
                    reason=labels[self.reason],
                    user=self.sudo().approved_by_id.name or "",
                    note=self.note or "",
                ),
                attachments=[
                    (document.name, document.raw)
                    for document in self.env["ir.attachment"].search(
                        [("res_model", "=", self._name), ("res_id", "=", self.id)]
                    )
                ],
            )

    # === BACK === #

    def action_reverse(self):
        """Reverse the entries: the items are owed again.

        :raises AccessError: for whoever may not make entries
        :raises UserError: when something was recovered, or the doubtful debt was paid or lost
        """
        self.env["account.move"].check_access("create")
        self._check_transition("reversed", ("booked",))
        for loss in self:
            after = loss.line_ids.doubtful_line_id
            if loss.recovered or any(line.matched_credit_ids for line in after):
                raise UserError(
                    self.env._("%s: something came in on it since.", loss.display_name)
                )
            today = loss.company_id._collection_today()
            loss.move_ids._reverse_moves([{"date": today} for _move in loss.move_ids], cancel=True)
            loss._set_state("reversed")
        return True

    def action_recover(self):
        """Book unallocated money of the customer against a loss: the tax on it is due again.

        :raises AccessError: for whoever may not make entries
        :raises UserError: when there is no such money, or all was recovered
        """
        self.ensure_one()
        self.env["account.move"].check_access("create")
        if self.state != "booked" or self.kind == losses.DOUBTFUL:
            raise UserError(
                self.env._("Only what was booked as a loss is recovered: allocate the payment.")
            )
        self.env.flush_all()
        # Accountants may hold no role in collections; the ledger is theirs.
        items = self.env["collection.item"].sudo()
        credits = items.search([("case_id", "=", self.case_id.id), ("is_credit", "=", True)])
        money = credits.line_id.with_env(self.env).filtered(
            lambda line: line.journal_id.type in ("bank", "cash", "credit")
            and line.currency_id == self.currency_id
        )
        left = self.currency_id.round(self.amount - self.recovered)
        if not money or left <= 0:
            raise UserError(self.env._("There is no unallocated money of this customer for it."))
        amount = min(left, -sum(money.mapped("amount_residual")))
        move = self._post_recovery(money, amount)
        (money | move.line_ids.filtered(
            lambda line: line.account_id == money[:1].account_id
        )).reconcile()  # fmt: skip
        # As above: only through its entry.
        self.sudo().write({"recovered": self.recovered + amount,
                           "move_ids": [Command.link(move.id)]})  # fmt: skip
        return move.get_formview_action()

    def _post_recovery(self, money, amount):
        account = self.company_id.collection_recovered_account_id
        account = account or self._get_account("collection_loss_account_id")
        values = []
        lost = self.amount
        taxes = 0.0
        for line in self.line_ids.filtered("tax"):
            share = self.currency_id.round(amount * line.amount / lost)
            common = {"name": line.move_name, "partner_id": money[:1].partner_id.id}
            for vals in self._prepare_taxes(line, share, common):
                taxes += vals["balance"]
                values.append({**vals, "balance": -vals["balance"]})
        partner = money[:1].partner_id.id
        return self._post(
            [
                {"account_id": money[:1].account_id.id, "partner_id": partner, "balance": amount},
                {"account_id": account.id, "partner_id": partner,
                 "balance": -self.currency_id.round(amount - taxes)},
                *values,
            ],
            self.env._("Recovered: %s", self.display_name),
            self.company_id._collection_today(),
        )  # fmt: skip
