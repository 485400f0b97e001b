from odoo import api, fields, models
from odoo.tools import SQL


class CollectionDefect(models.Model):
    """To repair: what keeps a case from being collected, live, until it is mended."""

    _name = "collection.defect"
    _description = "Case to Repair"
    _auto = False
    _rec_name = "case_id"
    _order = "amount desc, id"

    kind = fields.Selection(
        [
            ("no_address", "No usable e-mail address"),
            ("no_scenario", "No scenario applies"),
            ("no_level", "Scenario without levels"),
            ("no_owner", "No owner"),
            ("no_registration", "No registration number"),
            ("no_due_date", "Item without a due date"),
            ("error", "Decision failed"),
        ],
        readonly=True,
    )
    case_id = fields.Many2one("collection.case", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", string="Owner", readonly=True)
    amount = fields.Monetary(string="Outstanding", readonly=True)

    @property
    def _table_query(self):
        sources = [
            self._select_defect(slot, kind, condition)
            for slot, (kind, condition) in enumerate(self._get_conditions().items())
        ]
        return SQL(" UNION ALL ").join(sources)

    @api.model
    def _get_conditions(self):
        """Return {kind: condition on ``cases`` and ``partner``}; add-ons append theirs."""
        return {
            "no_address": SQL(
                """NOT EXISTS (SELECT FROM res_partner contact
                                WHERE %s
                                  AND (contact.id IN (partner.id, partner.commercial_partner_id)
                                       OR contact.type = 'invoice'
                                       OR contact.collection_role = 'invoice')
                                  AND contact.active AND contact.email_normalized IS NOT NULL)""",
                self._is_contact_sql(),
            ),
            "no_scenario": SQL("cases.scenario_id IS NULL"),
            "no_level": SQL(
                """cases.scenario_id IS NOT NULL
                   AND NOT EXISTS (SELECT FROM collection_level level
                                    WHERE level.scenario_id = cases.scenario_id)"""
            ),
            "no_owner": SQL("cases.user_id IS NULL"),
            "no_registration": SQL(
                "partner.is_company AND COALESCE(partner.company_registry, '') = ''"
            ),
            "no_due_date": SQL(
                """EXISTS (SELECT FROM collection_debtor debtor
                             JOIN account_move_line line
                               ON line.partner_id = debtor.partner_id
                              AND line.company_id = debtor.company_id
                             JOIN account_move move
                               ON move.id = line.move_id
                              AND (debtor.contact_id IS NULL OR debtor.contact_id
                                   = COALESCE(move.partner_id, line.partner_id))
                              AND COALESCE(debtor.payer_id, 0)
                                  = COALESCE(move.collection_payer_id, 0)
                             JOIN account_account account ON account.id = line.account_id
                            WHERE debtor.case_id = cases.id
                              AND account.account_type = 'asset_receivable'
                              AND line.parent_state = 'posted'
                              AND line.reconciled IS NOT TRUE
                              AND line.date_maturity IS NULL AND line.balance > 0)"""
            ),
            "error": SQL(
                """EXISTS (SELECT FROM collection_decision decision
                            WHERE decision.id = cases.decision_id
                              AND decision.outcome = 'error')"""
            ),
        }

    @api.model
    def _is_contact_sql(self):
        """Return whether ``contact`` may be meant where ``partner`` is dunned.

        A branch's reminders go to contacts of its own, else to its legal entity's.
        """
        return SQL(
            """(contact.commercial_partner_id = partner.id
                OR contact.id IN (partner.id, partner.commercial_partner_id)
                OR contact.parent_id = partner.id
                OR contact.parent_id = partner.commercial_partner_id
                   AND (contact.type = 'invoice' OR contact.collection_role IS NOT NULL))"""
        )

    @api.model
    def _select_defect(self, slot, kind, condition):
        return SQL(
            """
            SELECT cases.id * 64::bigint + %(slot)s AS id, %(kind)s AS kind,
                   cases.id AS case_id, cases.partner_id, cases.company_id, cases.user_id,
                   cases.outstanding AS amount
              FROM collection_case cases
              JOIN res_partner partner ON partner.id = cases.partner_id
             WHERE cases.active AND %(condition)s
               AND (cases.outstanding > 0 OR %(kind)s = 'error')
            """,
            slot=slot,
            kind=kind,
            condition=condition,
        )

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()

    def action_open_partner(self):
        self.ensure_one()
        return self.partner_id.get_formview_action()
