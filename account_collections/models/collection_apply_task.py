from odoo import api, models
from odoo.tools import SQL, html2plaintext


class CollectionApply(models.AbstractModel):
    """A person's open step follows what is paid meanwhile: less to claim, or nothing."""

    _inherit = "collection.apply"

    # EXTENDS 'account_collections'
    def _cancel_groundless(self, decisions):
        super()._cancel_groundless(decisions)
        self._refresh_steps(list(decisions))

    @api.model
    def _refresh_steps(self, case_ids):
        """Bring tasks and calls that are with a person up to what is left of their items.

        Where nothing is left they end; a run reads those where something changed in one query.
        """
        left = {}
        for item, amount, amount_currency in self._query_paid_items(case_ids):
            left[item] = (amount, amount_currency)
        items = self.env["collection.reminder.item"].browse(left)
        for reminder in items.reminder_id:
            rest = reminder.item_ids.filtered(
                lambda item: left.get(item.id, (item.amount, item.amount_currency))[1] > 0
            )
            if not rest:
                reminder._cancel("paid")
                continue
            for item in rest & items:
                item.amount, item.amount_currency = left[item.id]
            (reminder.item_ids - rest).unlink()
            self._rewrite_step(reminder)

    def _query_paid_items(self, case_ids):
        """Return (item, what is left of it, in its own currency) where that is less than said.

        It is what is left to the case: of a shared invoice the payer's part, or the rest.
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT said.id, GREATEST(part.amount, 0), GREATEST(part.amount_currency, 0)
                  FROM collection_reminder reminder
                  JOIN collection_reminder_item said ON said.reminder_id = reminder.id
                  JOIN account_move_line line ON line.id = said.line_id
                  JOIN account_move move ON move.id = line.move_id
            CROSS JOIN LATERAL (SELECT line.amount_residual AS amount,
                                       line.amount_residual_currency AS amount_currency) item
                  %(joins)s
                 WHERE reminder.case_id = ANY(%(cases)s)
                   AND debtor.case_id = reminder.case_id
                   AND reminder.state = 'to_do'
                   AND part.amount_currency < said.amount_currency
                """,
                joins=self.env["collection.debtor"]._join_sql(),
                cases=case_ids,
            )
        )

    @api.model
    def _rewrite_step(self, reminder):
        """Write the step's text anew; words that a person added to its activity stay."""
        activity, before = reminder.activity_id, reminder.body
        reminder.write(
            {
                "amount": sum(reminder.item_ids.mapped("amount")),
                "item_count": len(reminder.item_ids),
            }
        )
        self.env["collection.prepare"]._write_texts(reminder.level_id, reminder)
        if html2plaintext(activity.note or "") == html2plaintext(before or ""):
            activity.note = reminder.body
        elif activity:
            activity.note = reminder.body + activity.note
        self.env["collection.evidence"]._record(reminder, "rewritten")
