from odoo import fields, models
from odoo.exceptions import UserError

from ..engine import disputes


class CollectionCase(models.Model):
    _inherit = "collection.case"

    dispute_ids = fields.One2many("collection.dispute", "case_id")
    dispute_count = fields.Integer(compute="_compute_dispute_count")

    def _compute_dispute_count(self):
        counts = dict(
            self.env["collection.dispute"]._read_group(
                [("case_id", "in", self.ids), ("state", "!=", "closed")], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.dispute_count = counts.get(case, 0)

    def action_open_disputes(self):
        action = self._open_related("account_collections.collection_dispute_action")
        return {**action, "context": {"search_default_running": 1}}

    def action_dispute(self):
        """Open the dialog that opens a dispute on items of the case."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "account_collections.collection_dispute_open_action"
            ),
            "context": {"default_case_id": self.id},
        }

    def _dispute_quick(
        self, reason=None, lines=None, amount=None, description="", message=None, **values
    ):
        """Open a dispute in one step, as a call or an answer of the customer asks for it.

        :param reason: ``collection.dispute.reason``, by default the first
        :param lines: receivable lines contested, by default all that is overdue
        :param float amount: how much of them, in their currency, oldest due date first; by
            default all
        :param message: ``mail.message`` of the case in which the customer contests it
        :raises UserError: when there is nothing to contest
        :return: the dispute
        """
        self.ensure_one()
        company = self.company_id
        if reason is None:
            reason = self.env["collection.dispute.reason"].search(
                [("company_id", "in", (False, company.id))], limit=1
            )
        if lines is None:
            today = company._collection_today()
            lines = self.env["collection.item"].search(
                [
                    ("case_id", "=", self.id),
                    ("is_credit", "=", False),
                    ("date_due", "<", today),
                ]
            ).line_id
        dispute = self.env["collection.dispute"].create(
            {
                "case_id": self.id,
                "reason_id": reason.id,
                "description": description,
                **values,
                "line_ids": [
                    fields.Command.create(vals)
                    for vals in self._prepare_dispute_lines(lines, amount)
                ],
            }
        )
        if message:
            dispute._take_over_message(message)
        return dispute

    def _prepare_dispute_lines(self, lines, amount):
        """Return the values of a dispute on ``lines``, or on ``amount`` of them.

        :raises UserError: when the amount is more than what is open, or in several currencies
        """
        lines = lines.sorted(lambda line: (line.date_maturity or line.date, line.id))
        rooms = self._get_contestable(lines)
        to_decimal = self.env["collection.ledger"]._to_decimal
        if amount is None:
            free = {line: float(room) for line, room in rooms.items() if room > 0}
            # Where nothing is left, the line says why.
            return [
                {"line_id": line.id, **({"amount_currency": free[line]} if free else {})}
                for line in free or lines
            ]
        if len(lines.currency_id) > 1:
            raise UserError(self.env._("An amount is disputed in one currency at a time."))
        parts = disputes.spread(to_decimal(amount), list(rooms.values()))
        rest = to_decimal(amount) - sum(parts)
        values = [
            {"line_id": line.id, "amount_currency": float(part)}
            for line, part in zip(rooms, parts)
            if part
        ]
        if rest and values:
            # More than all of it: the line says so, and how much there is.
            values[-1]["amount_currency"] += float(rest)
        return values

    def _get_contestable(self, lines):
        """Return {line: what this debtor may still contest of it}, in the line's currency."""
        self.env.flush_all()
        to_decimal = self.env["collection.ledger"]._to_decimal
        items = self.env["collection.item"].search(
            [("case_id", "=", self.id), ("line_id", "in", lines.ids)]
        )
        parts = {
            item.line_id: to_decimal(item.amount_currency) - to_decimal(item.disputed_currency)
            for item in items
        }
        # Another debtor's items have no part here: the line refuses them.
        return {
            line: parts.get(line, to_decimal(line.amount_residual_currency)) for line in lines
        }
