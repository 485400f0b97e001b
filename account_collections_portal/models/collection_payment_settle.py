from odoo import SUPERUSER_ID, models


class CollectionPaymentPart(models.Model):
    """From the money to the items: what the payment's entry pays, and its reconciliation."""

    _inherit = "collection.payment.part"

    def _prepare_shares(self, amount):
        """Return what a payment of ``amount`` pays now: [(lines, their parts, share)].

        What is paid in full is paid together, by account and partner, with the credits that the
        payment nets; what is paid in part is a share of its own, so that reconciling it takes that
        part and no more. Nothing is paid beyond what is open by now.

        :param float amount: in the currency of the payment
        """
        currency = self.currency_id
        shares = []
        for parts in self.sorted(_by_ledger).grouped(_by_ledger).values():
            whole = parts.filtered(
                lambda part: part.amount < 0
                or currency.compare_amounts(
                    part.line_id.amount_residual_currency, part.amount - part.settled
                )
                <= 0
            )
            together = sum(whole.line_id.mapped("amount_residual_currency"))
            asked = sum(part.amount - part.settled for part in whole)
            if whole:
                shares.append((whole.line_id, whole, min(together, asked)))
            shares += [(part.line_id, part, part.amount - part.settled) for part in parts - whole]
        return self._cap_shares(shares, amount)

    def _cap_shares(self, shares, amount):
        """Of a payment that is smaller than its parts, as a partial capture is, pay the first."""
        currency = self.currency_id
        capped = []
        for lines, parts, share in shares:
            share = currency.round(max(0.0, min(share, amount)))
            amount -= share
            capped.append((lines, parts, share))
        return capped

    def _get_open(self):
        """Return the parts whose item still is open; their order is that of the items' ages."""
        return self.filtered(
            lambda part: not part.is_settled
            and part.line_id.parent_state == "posted"
            and not part.line_id.reconciled
        ).sorted("date_due")

    def _split_counterpart(self, counterpart, amount):
        """Return the lines of a payment's entry that stand for the customer's money.

        One for each share, of the partner and on the account of the items that it pays; the rest
        is a credit of the payer.

        :param dict counterpart: values of the line that the core would write
        :param float amount: the payment's, in its currency
        """
        currency, company_currency = self.currency_id, self.company_id.currency_id
        balance = counterpart["debit"] - counterpart["credit"]
        values, left, left_balance = [], amount, balance
        for lines, _parts, share in self._get_open()._prepare_shares(amount):
            if currency.is_zero(share):
                continue
            left -= share
            part_balance = company_currency.round(balance * share / amount)
            if currency.is_zero(left):
                part_balance = left_balance
            left_balance -= part_balance
            values.append(
                self._prepare_counterpart(counterpart, -share, part_balance)
                | {"account_id": lines.account_id.id, "partner_id": lines.partner_id.id}
            )
        if not currency.is_zero(left):
            values.append(self._prepare_counterpart(counterpart, -left, left_balance))
        return values

    def _prepare_counterpart(self, counterpart, amount_currency, balance):
        return counterpart | {
            "amount_currency": amount_currency,
            "debit": max(balance, 0.0),
            "credit": max(-balance, 0.0),
        }

    def _settle_payment(self, payment):
        """Reconcile a posted payment with the items that it pays; without a journal entry there
        is nothing to reconcile."""
        if self and payment.move_id:
            _liquidity, counterparts, _others = payment._seek_for_lines()
            self._settle(payment, counterparts, payment.amount)

    def _settle(self, money, counterparts, amount):
        """Reconcile money with the items that it pays, and tell of what it cannot pay.

        Called once for each money, in the transaction that made its entry.

        :param money: the ``account.payment``, or the bank line, that has come
        :param counterparts: lines of its entry, see :meth:`_split_counterpart`
        :param float amount: the money's, in the currency of the items
        """
        left, paid = counterparts, 0.0
        for lines, share_parts, share in self._get_open()._prepare_shares(amount):
            own = left.filtered(
                lambda line, lines=lines, share=share: line.account_id == lines.account_id
                and line.partner_id == lines.partner_id
                and not line.currency_id.compare_amounts(line.amount_currency, -share)
            )[:1]
            left -= own
            before = {line: line.amount_residual_currency for line in lines}
            (own + lines).reconcile()
            for part in share_parts:
                line = part.line_id
                settled = before[line] - line.amount_residual_currency
                part.settled += settled
                paid += settled
        self._finish(money, amount - paid)

    def _finish(self, money, unpaid):
        """End the parts of a payment; what a later capture may still pay goes on."""
        waiting = self.transaction_id.child_transaction_ids.filtered(
            lambda child: child.state not in ("done", "cancel", "error")
        )
        if self.transaction_id.state != "authorized" and not waiting:
            self.is_settled = True
        if self.currency_id.compare_amounts(unpaid, 0) > 0:
            self._tell_unallocated(money, unpaid)

    def _tell_unallocated(self, money, amount):
        """Make work for the owner of the case: money has come that its items no longer need."""
        self._make_work(
            self.env._("Allocate or refund an online payment"),
            "account_collections_portal.unallocated_note",
            {
                "money": money,
                "amount": amount,
                "currency": self.currency_id,
                "documents": self.filtered(
                    lambda part: self.currency_id.compare_amounts(part.settled, part.amount)
                ).mapped("move_name"),
            },
        )

    def _tell_other_amount(self, transaction):
        """Make work for the owner of the case: the provider may have money that nobody booked."""
        self._make_work(
            self.env._("An online payment came with another amount"),
            "account_collections_portal.other_amount_note",
            {"transaction": transaction, "documents": self.mapped("move_name")},
        )

    def _tell_not_received(self, line, transaction):
        """Make work for the owner of the case: the announced money is on the bank, and pays
        nothing yet."""
        self._make_work(
            self.env._("An announced transfer is to be allocated by hand"),
            "account_collections_portal.not_received_note",
            {
                "transaction": transaction,
                "line": line.sudo(),  # its date and text, for whoever may not see the bank
                "documents": self.mapped("move_name"),
            },
        )

    def _make_work(self, summary, note, values):
        # Whoever looks at the payment page meanwhile is not whose work it is.
        case = self.case_id[:1].with_user(SUPERUSER_ID)
        case.activity_schedule(
            "mail.mail_activity_data_todo",
            case.company_id._collection_today(),
            summary=summary,
            note=self.env["ir.qweb"]._render(note, values),
            user_id=case._get_responsible().id,
        )


def _by_ledger(part):
    """What is paid in full of the same ledger is one line of the payment's entry."""
    return part.line_id.account_id.id, part.line_id.partner_id.id
