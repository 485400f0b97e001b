from odoo import api, models
from odoo.tools import SQL


class CollectionDebtor(models.Model):
    _inherit = "collection.debtor"

    @api.model
    def _let_go(self, cases):
        """What is contested stays so, whoever is asked for it now."""
        result = super()._let_go(cases)
        for dispute, case in self._query_moved_disputes(cases):
            # The disputes of a case follow its items, whoever may see them.
            self.env["collection.dispute"].sudo().browse(dispute).case_id = case
        return result

    @api.model
    def _query_moved_disputes(self, cases):
        """Return (dispute, case) of disputes of which nothing is asked of their case any more."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT dispute_id, MIN(asked)
                  FROM (SELECT dispute.id AS dispute_id, dispute.case_id,
                               debtor.case_id AS asked
                          FROM collection_dispute dispute
                          JOIN collection_dispute_line contested
                            ON contested.dispute_id = dispute.id
                          JOIN account_move_line line
                            ON line.move_id = contested.move_id
                           AND (contested.line_id IS NULL OR line.id = contested.line_id)
                          JOIN account_account account
                            ON account.id = line.account_id
                           AND account.account_type = 'asset_receivable'
                          JOIN account_move move ON move.id = line.move_id
                          %(residual)s
                          %(debtor)s
                         WHERE dispute.case_id = ANY(%(cases)s)
                           AND dispute.state <> 'closed'
                           AND line.reconciled IS NOT TRUE) found
              GROUP BY dispute_id, case_id
                HAVING NOT BOOL_OR(asked = case_id)
                """,
                cases=cases,
                residual=self.env["collection.ledger"]._residual_now(),
                debtor=self._join_sql(),
            )
        )
