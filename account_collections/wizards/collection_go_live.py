import base64
import csv
import io

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: Columns of the file that says where each open item stands.
FILE_COLUMNS = ("document", "level", "date")


class CollectionGoLive(models.TransientModel):
    """From simulation to the first reminder: look, say where items stand, activate.

    Nothing leaves before a portfolio is activated; items that were reminded elsewhere take up
    where they stood instead of starting the ladder again.
    """

    _name = "collection.go.live"
    _description = "Go-Live of Collections"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    portfolio_ids = fields.Many2many(
        "collection.portfolio",
        string="Portfolios to Activate",
        domain="[('company_id', '=', company_id), ('is_live', '=', False)]",
    )
    daily_cap = fields.Integer(
        string="Messages a Day",
        default=lambda self: self.env.company.collection_daily_cap,
        help="E-mails that leave in a day at most; 0 sets no cap.",
    )
    step_ids = fields.One2many(
        "collection.go.live.step", "wizard_id", string="Where Items Stand"
    )
    file = fields.Binary(
        help="CSV with the columns document, level (rank) and date (YYYY-MM-DD)."
    )
    file_name = fields.Char()
    overdue_count = fields.Integer(compute="_compute_counts")
    unsent_count = fields.Integer(compute="_compute_counts")
    excluded_count = fields.Integer(compute="_compute_counts")
    no_address_count = fields.Integer(compute="_compute_counts")
    standing_count = fields.Integer(compute="_compute_counts")

    @api.depends("company_id")
    def _compute_counts(self):
        for wizard in self:
            count = self.env["collection.item"].search_count
            scope = [("company_id", "=", wizard.company_id.id)]
            late = [*scope, ("days_overdue", ">", 0), ("is_credit", "=", False)]
            wizard.overdue_count = count(late)
            wizard.unsent_count = count([*late, ("is_unsent", "=", True)])
            wizard.excluded_count = count([*late, ("no_followup", "=", True)])
            wizard.standing_count = count([*late, ("rank", ">", 0)])
            wizard.no_address_count = self.env["collection.defect"].search_count(
                [*scope, ("kind", "=", "no_address")]
            )

    # === ACTIONS === #

    def action_preview(self):
        """Show what a run would do."""
        preview = self.env["collection.preview"].create({"company_id": self.company_id.id})
        return preview.action_compute()

    def action_set_standing(self):
        """Give every open item the level and date that the steps or the file say."""
        self._check_user_company()
        rows = self._read_file() if self.file else self._apply_steps()
        if not rows:
            raise UserError(self.env._("Say where items stand: add a step or choose a file."))
        self.env["collection.reminder"]._carry_over(self.company_id, rows)
        return self._reopen(self.env._("%(count)s items were given their level.", count=len(rows)))

    def action_activate(self):
        """Let the chosen portfolios' reminders leave from the next run on."""
        self._check_user_company()
        if not self.portfolio_ids:
            raise UserError(self.env._("Choose the portfolios to activate."))
        # The cap is a setting of the company, which a credit manager decides here.
        self.company_id.sudo().collection_daily_cap = self.daily_cap
        self.portfolio_ids._activate()
        return self.env["collection.run"].with_company(self.company_id).action_run_now()

    def _check_user_company(self):
        """What follows is done with the rights of the product: only where the user works."""
        self.ensure_one()
        if self.company_id not in self.env.companies or self.portfolio_ids.filtered(
            lambda portfolio: portfolio.company_id != self.company_id
        ):
            raise AccessError(
                self.env._("Go live in one of your own companies, with its portfolios.")
            )

    def _reopen(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {
                    "type": "ir.actions.act_window",
                    "name": self.env._("Go Live"),
                    "res_model": self._name,
                    "res_id": self.id,
                    "view_mode": "form",
                    "views": [(False, "form")],
                    "target": "new",
                },
            },
        }

    # === WHERE ITEMS STAND === #

    def _apply_steps(self):
        """Return (line id, rank, date) for overdue items: the oldest step that takes each."""
        rows = []
        taken = set()
        for step in self.step_ids.sorted("days", reverse=True):
            items = self.env["collection.item"].search_fetch(
                [
                    ("company_id", "=", self.company_id.id),
                    ("days_overdue", ">=", step.days),
                    ("is_credit", "=", False),
                ],
                ["line_id"],
            )
            fresh = [item.line_id.id for item in items if item.id not in taken]
            taken |= set(items.ids)
            rows += [(line, step.rank, step.date) for line in fresh]
        return rows

    def _read_file(self):
        """Return (line id, rank, date) from the file.

        :raises UserError: naming every line that cannot be read
        """
        text = base64.b64decode(self.file).decode("utf-8-sig", errors="replace")
        reader = csv.DictReader(io.StringIO(text), delimiter=self._guess_delimiter(text))
        missing = set(FILE_COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise UserError(
                self.env._("The file lacks the columns: %(names)s", names=", ".join(missing))
            )
        lines_by_document = self._get_open_lines()
        ranks = set(self.env["collection.level"].search([]).mapped("rank"))
        today = self.company_id._collection_today()
        rows, problems = [], []
        for number, row in enumerate(reader, start=2):
            lines = lines_by_document.get((row["document"] or "").strip())
            try:
                rank, day = int(row["level"]), fields.Date.to_date(row["date"].strip())
            except (ValueError, AttributeError, TypeError):
                problems.append(self.env._("line %(number)s: level or date", number=number))
                continue
            if rank not in ranks or not day or day > today:
                problems.append(
                    self.env._("line %(number)s: no such level, or a date to come", number=number)
                )
            elif lines is None:
                problems.append(self.env._("line %(number)s: no such open item", number=number))
            else:
                rows += [(line, rank, day) for line in lines]
        if problems:
            raise UserError(
                "\n".join([self.env._("Nothing was set. Mend the file first:"), *problems[:50]])
            )
        return rows

    @api.model
    def _guess_delimiter(self, text):
        """Return the delimiter that the header uses most."""
        header = text.partition("\n")[0]
        return max(",;\t", key=header.count)

    def _get_open_lines(self):
        """Return {document number: ids of its open lines} of the company."""
        lines = {}
        for item in self.env["collection.item"].search_fetch(
            [("company_id", "=", self.company_id.id)], ["move_name", "line_id"]
        ):
            lines.setdefault(item.move_name, []).append(item.line_id.id)
        return lines


class CollectionGoLiveStep(models.TransientModel):
    _name = "collection.go.live.step"
    _description = "Where Items Stand at Go-Live"
    _order = "days"

    wizard_id = fields.Many2one("collection.go.live", required=True, ondelete="cascade")
    days = fields.Integer(
        string="Overdue since (Days)", required=True, help="Items overdue at least so long."
    )
    level_id = fields.Many2one(
        "collection.level", required=True, ondelete="cascade", string="Level Reached"
    )
    rank = fields.Integer(related="level_id.rank")
    date = fields.Date(
        string="Last Reminded", required=True, default=fields.Date.context_today
    )
