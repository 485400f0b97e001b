from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

PROCEDURES = [
    ("safeguard", "Safeguard"),
    ("receivership", "Receivership"),
    ("liquidation", "Liquidation"),
    ("other", "Other proceedings"),
]


class CollectionInsolvency(models.Model):
    """Proceedings against a debtor: what the court decided, and what we have to do by when.

    Debts from before the judgment are not dunned any more: they are declared to the
    administrator. What the debtor owes from later on is dunned like any other debt. A debt is
    as old as its delivery, where that is known and came before the invoice.
    """

    _name = "collection.insolvency"
    _description = "Insolvency Proceedings"
    _inherit = ["mail.thread"]
    _order = "date_judgment desc, id desc"
    _rec_name = "case_id"

    case_id = fields.Many2one(
        "collection.case", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="case_id.partner_id", string="Debtor")
    procedure = fields.Selection(PROCEDURES, required=True, default="receivership", tracking=True)
    date_judgment = fields.Date(string="Judgment of", required=True, tracking=True)
    court = fields.Char()
    date_publication = fields.Date(
        string="Published on", tracking=True, help="In the official journal: BODACC in France."
    )
    publication_reference = fields.Char(string="Reference of the Publication")
    administrator_id = fields.Many2one(
        "res.partner",
        string="Court Administrator",
        help="To whom the claim is declared.",
        ondelete="restrict",
    )
    date_end = fields.Date(
        string="Ended on", readonly=True, help="Day on which the case went back to its scenario."
    )

    date_claim = fields.Date(
        string="Declare by", compute="_compute_deadlines", store=True, readonly=False
    )
    date_title = fields.Date(
        string="Claim Goods by",
        compute="_compute_deadlines",
        store=True,
        readonly=False,
        help="Goods delivered under retention of title that the debtor still has.",
    )
    claim_activity_id = fields.Many2one(
        "mail.activity", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    title_activity_id = fields.Many2one(
        "mail.activity", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    declared_amount = fields.Monetary(tracking=True, help="As declared to the administrator.")
    date_declared = fields.Date(string="Declared on", tracking=True)
    amount_before = fields.Monetary(
        string="Owed from Before", compute="_compute_amount_before", help="What is open of it now."
    )

    _one_open = models.UniqueIndex(
        "(case_id) WHERE date_end IS NULL", "Proceedings against this debtor are open already."
    )

    @api.constrains("date_judgment", "date_publication")
    def _check_dates(self):
        for insolvency in self:
            published = insolvency.date_publication
            if published and published < insolvency.date_judgment:
                raise ValidationError(
                    self.env._("A judgment is published on its own day or later.")
                )

    # === DEADLINES === #

    @api.depends("date_judgment", "date_publication", "case_id.partner_id.country_id")
    def _compute_deadlines(self):
        """Terms run from the publication; until it is known, prudently from the judgment."""
        # Everybody who sees a case may see its deadlines.
        terms = self.env["collection.insolvency.term"].sudo()
        for insolvency in self:
            start = insolvency.date_publication or insolvency.date_judgment
            own_country = insolvency.company_id.country_id
            country = insolvency.partner_id.country_id or own_country
            term = terms._get(country, start) if start else terms
            months = term.claim_months if country == own_country else term.claim_months_abroad
            insolvency.date_claim = term and fields.Date.add(start, months=months)
            insolvency.date_title = term and fields.Date.add(start, months=term.title_months)

    @api.model_create_multi
    def create(self, vals_list):
        """Proceedings come with their tasks."""
        insolvencies = super().create(vals_list)
        for insolvency in insolvencies:
            insolvency.claim_activity_id = insolvency._schedule(
                insolvency.date_claim, self.env._("Declare the claim to the administrator")
            )
            insolvency.title_activity_id = insolvency._schedule(
                insolvency.date_title, self.env._("Claim goods under retention of title")
            )
        return insolvencies

    def _schedule(self, deadline, summary):
        """Give the owner a task; none without a deadline.

        :raises ValidationError: when no terms are set up, so that a deadline is never forgotten
        """
        if not deadline:
            raise ValidationError(
                self.env._("No terms of insolvency are in force on that day: add them first.")
            )
        return self.case_id.activity_schedule(
            "mail.mail_activity_data_todo",
            deadline,
            summary=summary,
            user_id=self.case_id._get_responsible().id,
        )

    def write(self, vals):
        """Tasks follow the deadlines; what was declared is done."""
        result = super().write(vals)
        if {"date_publication", "date_judgment", "date_claim", "date_title"} & set(vals):
            for insolvency in self:
                # The owner's tasks: whoever may write the deadlines sets them.
                insolvency.claim_activity_id.sudo().date_deadline = insolvency.date_claim
                insolvency.title_activity_id.sudo().date_deadline = insolvency.date_title
        if vals.get("date_declared"):
            for activity in self.claim_activity_id.sudo():
                activity.action_feedback(feedback=self.env._("Declared"))
        return result

    def _end(self, day):
        """The case goes back to its scenario: what is left to do falls away."""
        self.write({"date_end": day})
        (self.claim_activity_id | self.title_activity_id).sudo().unlink()

    # === DEBTS FROM BEFORE === #

    @api.model
    def _origin_sql(self):
        """Return the day a debt comes from: its invoice's, or its delivery's where earlier."""
        return SQL("LEAST(COALESCE(move.invoice_date, line.date), move.delivery_date)")

    def _get_items(self):
        """Return the open items of before the judgment, credits included."""
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(
            self.env["collection.ledger"]._open_items_sql(
                SQL("line.id"),
                joins=self.env["collection.debtor"]._join_sql(),
                where=SQL(
                    "debtor.case_id = %s AND %s < %s",
                    self.case_id.id,
                    self._origin_sql(),
                    self.date_judgment,
                ),
            )
        )
        return self.env["collection.item"].search(
            [("line_id", "in", [line for (line,) in rows]), ("case_id", "=", self.case_id.id)]
        )

    @api.depends("date_judgment", "case_id")
    def _compute_amount_before(self):
        for insolvency in self:
            items = insolvency._get_items() if insolvency.date_judgment else ()
            insolvency.amount_before = sum(item.amount for item in items)

    # === ACTIONS === #

    def action_declared(self):
        """Note that what is owed from before was declared today; amount and day can be changed."""
        for insolvency in self.filtered(lambda one: not one.date_declared):
            insolvency.write(
                {
                    "declared_amount": insolvency.declared_amount or insolvency.amount_before,
                    "date_declared": insolvency.company_id._collection_today(),
                }
            )
        return True

    def action_open_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_item_action"
        )
        return {**action, "domain": [("id", "in", self._get_items().ids)], "context": {}}

    def action_open_case(self):
        self.ensure_one()
        return self.case_id.get_formview_action()

    def action_print(self):
        """Print the list of claims to declare."""
        return self.env.ref(
            "account_collections.report_insolvency_claims"
        ).report_action(self)
