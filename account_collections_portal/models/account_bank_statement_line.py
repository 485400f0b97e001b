import logging

from odoo import api, models
from odoo.fields import Command
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    # EXTENDS 'account'
    @api.model_create_multi
    def create(self, vals_list):
        """A transfer that was announced pays what was chosen, as soon as it is on the bank."""
        lines = super().create(vals_list)
        lines.filtered(lambda one: one.amount > 0 and not one.is_reconciled)._receive_transfers()
        return lines

    def _receive_transfers(self):
        """Whatever goes wrong here, the bank's lines are there: it is logged, and work."""
        if not self:
            return
        for line, transaction in (self._try(self._find_transfers) or {}).items():
            if not line._try(line._receive_transfer, transaction):
                line._try(transaction.collection_part_ids._tell_not_received, line, transaction)

    def _try(self, work, *args):
        """Return what ``work`` returns, None when it fails and leaves nothing behind.

        :raises OperationalError: when two transactions met: Odoo repeats all of it
        """
        try:
            with self.env.cr.savepoint():
                return work(*args)
        except OperationalError:
            raise
        except Exception:
            _logger.exception("Bank lines %s are not matched with announced transfers", self.ids)
            return None

    def _find_transfers(self):
        """Return {line: the transfer that was announced, with all rights}."""
        # Whoever books the bank needs no rights on what customers chose.
        awaited = self.env["payment.transaction"].sudo()._get_awaited(
            self.company_id, {line._get_transferred()[1] for line in self}
        )
        found = {}
        for line in self if awaited else ():
            text = f"{line.payment_ref or ''} ; {line.ref or ''}"
            transaction = awaited._find_named(line.company_id, *line._get_transferred(), text)
            if transaction:
                awaited -= transaction
                found[line] = transaction
        return found

    def _get_transferred(self):
        """Return currency and amount of what was transferred."""
        foreign = self.foreign_currency_id
        return (foreign, self.amount_currency) if foreign else (self.currency_id, self.amount)

    def _receive_transfer(self, transaction):
        """Let a bank line pay the items and parts of a transfer, not the suspense account.

        :return: True, it is done
        """
        if not self.partner_id:
            self.partner_id = transaction.partner_id.commercial_partner_id
        parts, amount = transaction.collection_part_ids, transaction.amount
        known = self.move_id.line_ids
        _liquidity, suspense, _others = self._seek_for_lines()
        _liquidity_values, counterpart = self._prepare_move_line_default_vals()
        self.move_id.with_context(force_delete=True, skip_readonly_check=True).write(
            {
                "line_ids": [
                    *(Command.delete(line.id) for line in suspense),
                    *map(Command.create, parts._split_counterpart(counterpart, amount)),
                ]
            }
        )
        transaction._set_received()
        parts._settle(self.move_id, self.move_id.line_ids - known, amount)
        return True
