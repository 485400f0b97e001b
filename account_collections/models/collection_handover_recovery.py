from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from .collection_handover import COUNTING, HANDED_OVER


class CollectionHandoverRecovery(models.Model):
    """Money that settled an item while it was handed over, by value date."""

    _name = "collection.handover.recovery"
    _description = "Recovery of a Hand-Over"
    _order = "date desc, id desc"

    handover_id = fields.Many2one(
        "collection.handover", required=True, readonly=True, index=True, ondelete="cascade"
    )
    part_id = fields.Many2one(
        "collection.handover.line", string="Item", required=True, readonly=True,
        ondelete="cascade",
    )  # fmt: skip
    move_name = fields.Char(related="part_id.move_name")
    company_id = fields.Many2one(related="handover_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partial_id = fields.Many2one(
        "account.partial.reconcile", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Date(string="Value Date", readonly=True)
    amount = fields.Monetary(readonly=True)
    is_direct = fields.Boolean(
        string="Paid to Us", readonly=True, help="By the customer, not through the agency."
    )
    is_told = fields.Boolean(string="Agency Told", readonly=True)

    _partial_unique = models.UniqueIndex("(part_id, partial_id)")

    @api.model
    def _refresh(self, company, today=None):
        """Attribute what came in; what is unreconciled is gone with its partial."""
        self.env.flush_all()
        for some in company:
            self._attribute(some)
            self._sum_up(some)
        self.invalidate_model()
        new = self.sudo().search([("company_id", "in", company.ids), ("is_told", "=", False)])
        for handover, own in new.grouped("handover_id").items():
            handover._tell_agency(own.filtered("is_direct"))
        new.is_told = True

    @api.model
    def _attribute(self, company):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO collection_handover_recovery AS known
                       (handover_id, part_id, company_id, partial_id, date, amount, is_direct,
                        is_told, create_uid, write_uid, create_date, write_date)
                SELECT handover.id, part.id, handover.company_id, partial.id, came.day,
                       partial.amount,
                       payer.commercial_partner_id IS DISTINCT FROM agent.commercial_partner_id,
                       FALSE, %(uid)s, %(uid)s, NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                  FROM collection_handover handover
                  JOIN collection_agency agency ON agency.id = handover.agency_id
                  JOIN res_partner agent ON agent.id = agency.partner_id
                  JOIN collection_handover_line part ON part.handover_id = handover.id
                  JOIN account_partial_reconcile partial ON partial.debit_move_id = part.line_id
                  JOIN account_move_line other ON other.id = partial.credit_move_id
                  JOIN account_journal journal ON journal.id = other.journal_id
             LEFT JOIN account_payment payment ON payment.id = other.payment_id
             LEFT JOIN res_partner payer
                    ON payer.id = COALESCE(payment.partner_id, other.partner_id)
            CROSS JOIN LATERAL (SELECT COALESCE(payment.date, other.date) AS day) came
                 WHERE handover.company_id = %(company)s AND handover.state = ANY(%(counting)s)
                   AND came.day >= handover.date
                   AND came.day <= COALESCE(handover.ended_on, 'infinity')
                   AND %(is_money)s
                    ON CONFLICT (part_id, partial_id) DO NOTHING
                """,
                uid=self.env.uid,
                company=company.id,
                counting=list(COUNTING),
                is_money=self.env["collection.ledger"]._is_money_sql(),
            )
        )

    @api.model
    def _sum_up(self, company):
        """Write what each hand-over recovered, where it differs."""
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE collection_handover handover
                   SET recovered = fresh.amount
                  FROM (SELECT one.id, COALESCE(SUM(recovery.amount), 0) AS amount
                          FROM collection_handover one
                     LEFT JOIN collection_handover_recovery recovery
                            ON recovery.handover_id = one.id
                         WHERE one.company_id = %s AND one.state = ANY(%s)
                      GROUP BY one.id) fresh
                 WHERE handover.id = fresh.id
                   AND COALESCE(handover.recovered, 0) <> fresh.amount
             RETURNING handover.id
                """,
                company.id,
                list(COUNTING),
            )
        )
        changed = self.env["collection.handover"].sudo().browse(one for (one,) in rows)
        changed.invalidate_recordset(["recovered"])
        changed.modified(["recovered"])
        self.env.flush_all()


class CollectionHandover(models.Model):
    _inherit = "collection.handover"

    recovery_ids = fields.One2many(
        "collection.handover.recovery", "handover_id", readonly=True, string="Recoveries"
    )

    def action_refresh(self):
        """Look at the ledger now, not only in the morning."""
        self.check_access("read")
        # It writes what the daily run would write.
        self.env["collection.handover.recovery"].sudo()._refresh(self.company_id)
        return True

    def _tell_agency(self, recoveries):
        """Have whoever works on the case tell the agency of money that came straight to us."""
        if not recoveries or self.state != HANDED_OVER:
            return
        person = self.case_id._get_person_at_work()
        words = self.with_context(lang=person.lang)
        amount = formatLang(
            words.env, sum(recoveries.mapped("amount")), currency_obj=self.currency_id
        )
        names = {"agency": self.agency_id.display_name, "amount": amount}
        if self.currency_id.is_zero(self.open_amount):
            summary = words.env._(
                "Tell %(agency)s that the customer paid us %(amount)s: all is paid, close it",
                **names,
            )
        else:
            summary = words.env._("Tell %(agency)s that the customer paid us %(amount)s", **names)
        self.case_id.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=", ".join(filter(None, recoveries.part_id.mapped("move_name"))),
            user_id=person.id,
        )
