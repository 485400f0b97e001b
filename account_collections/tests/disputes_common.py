from odoo import Command

from .common import TODAY, CollectionCommon


class DisputeCommon(CollectionCommon):
    """Two handlers without accounting rights, a team, an accountant, and a reason for each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.handler = cls._user("handler", "account_collections.group_dispute_handler")
        cls.seller = cls._user("sales", "account_collections.group_dispute_handler")
        cls.accountant = cls._user("books", "account.group_account_invoice")
        cls.reader = cls._user("reader", "account_collections.group_collection_readonly")
        cls.team = cls.env["collection.dispute.team"].create(
            {
                "name": "Logistics",
                "user_id": cls.handler.id,
                "member_ids": [Command.link(cls.handler.id)],
            }
        )
        cls.reason = cls.env["collection.dispute.reason"].create(
            {
                "name": "Quantity",
                "team_id": cls.team.id,
                "user_id": cls.handler.id,
                "priority": "1",
            }
        )
        cls.price = cls.env["collection.dispute.reason"].create(
            {"name": "Price", "user_id": cls.seller.id, "deadline_days": 5}
        )
        cls.cause = cls.env["collection.dispute.cause"].create({"name": "Picking"})
        cls.company.collection_credit_manager_id = cls.manager
        cls.company.collection_dispute_accountant_id = cls.accountant

    @classmethod
    def _receivable(cls, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    @classmethod
    def _dispute(cls, move, amount=None, user=None, reason=None, **values):
        """Open a dispute of the collector on an invoice, at noon of ``TODAY``."""
        cls._sync_cases()
        debtor = cls._receivable(move).partner_id
        case = cls._case(debtor).with_user(user or cls.owner)
        with cls._at(f"{values.pop('day', TODAY)} 12:00:00"):
            dispute = case._dispute_quick(
                reason=reason or cls.reason,
                lines=cls._receivable(move).with_user(user or cls.owner),
                amount=amount,
                **values,
            )
        cls.env.flush_all()
        # Decisions are written by SQL.
        cls.env.invalidate_all()
        return dispute.with_env(cls.env)

    def _resolve(self, dispute, outcome, user=None, day=TODAY, accepted=None, **values):
        """Decide through the dialog, as its owner does."""
        with self._at(f"{day} 15:00:00"):
            wizard = (
                self.env["collection.dispute.resolve"]
                .with_user(user or self.handler)
                .with_context(default_dispute_id=dispute.id)
                .create({"outcome": outcome, **values})
            )
            if accepted is not None:
                wizard.line_ids[0].accepted_currency = accepted
            wizard.action_resolve()
        self.env.invalidate_all()

    def _credit(self, dispute, user=None):
        """Draft the credit notes, as an accountant without a role in collections."""
        dispute.with_user(user or self.accountant).action_draft_credit_note()
        self.env.invalidate_all()
        return dispute.line_ids.credit_move_id

    def _claimed(self, partner, today=TODAY):
        """Return {document: amount claimed} that a run would decide."""
        _facts, made = self._decided(partner, today)
        claims = made.situation.claims
        moves = self.env["account.move"].browse(claim.item.move for claim in claims)
        return {move.name: float(claim.amount) for move, claim in zip(moves, claims)}
