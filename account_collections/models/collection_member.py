from odoo import api, fields, models
from odoo.tools import SQL

from ..wording import choices_of


class CollectionMember(models.Model):
    """Who owes what within a case: a row for each way that items come to it, live."""

    _name = "collection.member"
    _description = "Member of a Case"
    _auto = False
    _rec_name = "partner_id"
    _order = "overdue desc, outstanding desc, id"

    case_id = fields.Many2one("collection.case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    contact_id = fields.Many2one("res.partner", string="Branch", readonly=True)
    entity_id = fields.Many2one(
        "res.partner",
        string="Legal Entity",
        readonly=True,
        help="Set where formal notices go to it apart.",
    )
    role = fields.Selection(
        selection=choices_of("collection.debtor", "role"),
        string="Asked For",
        readonly=True,
    )
    source = fields.Selection(
        selection=choices_of("collection.debtor", "source"),
        string="Why Here",
        readonly=True,
    )
    outstanding = fields.Monetary(readonly=True)
    overdue = fields.Monetary(readonly=True, help="Debts past their due date.")
    credits = fields.Monetary(readonly=True)
    oldest_due = fields.Date(string="Oldest Due Date", readonly=True)
    item_count = fields.Integer(string="Open Items", readonly=True)

    @property
    def _table_query(self):
        columns = SQL(
            """debtor.id, debtor.case_id, debtor.company_id, debtor.partner_id,
               debtor.contact_id, debtor.entity_id, debtor.role, debtor.source"""
        )
        due = SQL("COALESCE(line.date_maturity, line.date)")
        late = SQL("part.amount > 0 AND %s < %s", due, fields.Date.context_today(self))
        items = self.env["collection.ledger"]._open_items_sql(
            SQL(
                """%(columns)s, SUM(part.amount) AS outstanding,
                   COALESCE(SUM(part.amount) FILTER (WHERE %(late)s), 0) AS overdue,
                   COALESCE(SUM(part.amount) FILTER (WHERE part.amount < 0), 0) AS credits,
                   MIN(%(due)s) FILTER (WHERE %(late)s) AS oldest_due,
                   COUNT(*) AS item_count""",
                columns=columns,
                late=late,
                due=due,
            ),
            joins=self.env["collection.debtor"]._join_sql(),
        )
        return SQL("%s GROUP BY %s", items, columns)

    def action_open_items(self):
        """Open what this member owes."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_item_action"
        )
        domain = [("case_id", "=", self.case_id.id), ("partner_id", "=", self.partner_id.id)]
        if self.contact_id:
            domain.append(("contact_id", "=", self.contact_id.id))
        return {
            **action,
            "name": self.env._("Open Items of %s", (self.contact_id or self.partner_id).name),
            "domain": domain,
            "context": {},
        }


class CollectionCase(models.Model):
    _inherit = "collection.case"

    has_lost_items = fields.Boolean(
        readonly=True,
        copy=False,
        help="Open items that were reminded here are dunned through another case now.",
    )
    member_ids = fields.One2many("collection.member", "case_id", readonly=True)
    dunned_through_ids = fields.Many2many(
        "collection.case",
        compute="_compute_dunned_through_ids",
        help="Other cases through which open items of this customer are dunned.",
    )

    _losers = models.Index("(id) WHERE has_lost_items")

    @api.depends("partner_id", "debtor_ids")
    def _compute_dunned_through_ids(self):
        """Where somebody may look for what is not here: only cases that the user may see."""
        for case in self:
            rows = self.env["collection.debtor"].search(
                [
                    ("partner_id", "=", case.partner_id.commercial_partner_id.id),
                    ("company_id", "=", case.company_id.id),
                    ("case_id", "!=", case.id),
                ]
            )
            case.dunned_through_ids = rows.case_id
