from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval


class CollectionPortfolio(models.Model):
    """Cases that one person looks after, and the switch that lets their reminders leave.

    A new portfolio is in simulation: decisions are taken and shown, nothing leaves.
    """

    _name = "collection.portfolio"
    _description = "Collection Portfolio"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    team_id = fields.Many2one(
        "collection.team",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        ondelete="set null",
        help="Dashboards add up the portfolios of a team.",
    )
    partner_domain = fields.Char(
        string="Customers",
        default="[]",
        help="Customers whose new cases come into this portfolio, tried in sequence.",
    )
    is_live = fields.Boolean(
        string="Live",
        readonly=True,
        copy=False,
        tracking=True,
        help="Off: simulation, nothing leaves. Switched on by the go-live wizard.",
    )
    live_since = fields.Date(
        readonly=True,
        copy=False,
        help="The first day on which reminders could leave; a simulation since does not change it.",
    )
    case_ids = fields.One2many("collection.case", "portfolio_id")
    case_count = fields.Integer(compute="_compute_figures")
    overdue = fields.Monetary(compute="_compute_figures")

    def _compute_figures(self):
        groups = self.env["collection.case"]._read_group(
            [("portfolio_id", "in", self.ids)], ["portfolio_id"], ["__count", "overdue:sum"]
        )
        figures = {portfolio: (count, overdue) for portfolio, count, overdue in groups}
        for portfolio in self:
            portfolio.case_count, portfolio.overdue = figures.get(portfolio, (0, 0.0))

    @api.constrains("partner_domain")
    def _check_partner_domain(self):
        for portfolio in self:
            try:
                self.env["res.partner"]._search(portfolio._get_partner_domain())
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The customers of portfolio %(name)s cannot be read: %(error)s",
                        name=portfolio.name,
                        error=error,
                    )
                ) from error

    @api.constrains("company_id")
    def _check_cases_company(self):
        strange = self.env["collection.case"].sudo().with_context(active_test=False)
        for portfolio in self:
            if strange.search_count(
                [
                    ("portfolio_id", "=", portfolio.id),
                    ("company_id", "!=", portfolio.company_id.id),
                ],
                limit=1,
            ):
                raise ValidationError(
                    self.env._("%(name)s has cases of another company.", name=portfolio.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        """A new portfolio is in simulation, whoever makes it and with whatever default."""
        if not self.env.su:
            vals_list = [{**vals, "is_live": False, "live_since": False} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        """Only the go-live wizard activates, after it has shown what a run would do.

        :raises UserError: when the switch is written by hand
        """
        if not {"is_live", "live_since"}.isdisjoint(vals) and not self.env.su:
            raise UserError(self.env._("This is not changed by hand: use the buttons."))
        return super().write(vals)

    def _get_partner_domain(self):
        """Return the :class:`Domain` of customers whose cases come into the portfolio."""
        self.ensure_one()
        return Domain(safe_eval(self.partner_domain or "[]"))

    def _activate(self):
        """Let the reminders of these portfolios leave from the next run on."""
        self.check_access("write")
        # The switch is a protected field: only this and the way back write it.
        for company, portfolios in self.sudo().grouped("company_id").items():
            portfolios.filtered(lambda one: not one.is_live).is_live = True
            fresh = portfolios.filtered(lambda one: not one.live_since)
            fresh.live_since = company._collection_today()

    @api.model
    def _get_live_since(self, companies):
        """Return {company: day on which its first portfolio went live}, of those that did."""
        rows = self.with_context(active_test=False)._read_group(
            [("company_id", "in", companies.ids), ("live_since", "!=", False)],
            ["company_id"],
            ["live_since:min"],
        )
        return dict(rows)

    def action_simulate(self):
        """Go back to simulation: what waits to leave is withdrawn."""
        self.check_access("write")
        self.sudo().is_live = False
        waiting = self.env["collection.reminder"].search(
            [
                ("case_id.portfolio_id", "in", self.ids),
                ("state", "in", ("to_approve", "scheduled")),
            ]
        )
        waiting._withdraw()
        return True

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_collections.collection_case_action"
        )
        return {**action, "domain": [("portfolio_id", "=", self.id)]}

    @api.model
    def _assign(self, cases):
        """Put cases without a portfolio into the first one whose rule takes their customer."""
        for company, company_cases in cases.grouped("company_id").items():
            left = company_cases.filtered(lambda case: not case.portfolio_id)
            for portfolio in self.search([("company_id", "=", company.id)]):
                if not left:
                    break
                domain = portfolio._get_partner_domain()
                scope = Domain("id", "in", left.partner_id.ids)
                partners = self.env["res.partner"].with_context(active_test=False)
                taken = set(partners.search(scope & domain)._ids)
                mine = left.filtered(lambda case, taken=taken: case.partner_id.id in taken)
                # A run finds them by the thousand: 'My day' tells their owner, no mail for each.
                mine = mine.with_context(mail_auto_subscribe_no_notify=True)
                mine.write({"portfolio_id": portfolio.id})
                mine.filtered(lambda case: not case.user_id).user_id = portfolio.user_id
                left -= mine
