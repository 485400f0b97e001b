from odoo import api, fields, models
from odoo.fields import Domain


class CollectionReport(models.Model):
    """What routed reports tell: tables of text, days, numbers and amounts (Decimal).

    Amounts are in company currency. Called with all rights, of one company.
    """

    _inherit = "collection.report"

    def _make_table(self, title, columns, rows):
        return {"title": title, "columns": columns, "rows": rows}

    @api.model
    def _amount(self, value):
        return self.env["collection.ledger"]._to_decimal(value)

    def _get_part(self, salesperson):
        """Return the domain on cases of what a reader is told."""
        part = Domain("company_id", "=", self.company_id.id)
        return part & Domain("salesperson_id", "=", salesperson.id) if salesperson else part

    # === LISTS === #

    def _make_old_items(self, salesperson=None):
        items = self.env["collection.item"].search(
            Domain("case_id", "any", self._get_part(salesperson))
            & Domain("is_overdue", "=", True)
            & Domain("days_overdue", ">", self.days),
            order="amount desc, id",
        )
        rows = [
            (
                item.partner_id.display_name,
                item.move_name,
                item.date_due,
                item.days_overdue,
                self._amount(item.amount),
                item.level_name or "",
                item.user_id.name or "",
            )
            for item in items
        ]
        columns = [
            self.env._("Customer"),
            self.env._("Document"),
            self.env._("Due Date"),
            self.env._("Days"),
            self.env._("Open"),
            self.env._("Level Reached"),
            self.env._("Owner"),
        ]
        title = self.env._("Overdue for more than %s days", self.days)
        return [self._make_table(title, columns, rows)]

    def _make_disputes(self, salesperson=None):
        disputes = self.env["collection.dispute"].search(
            Domain("case_id", "any", self._get_part(salesperson)) & Domain("is_open", "=", True),
            order="amount desc, id",
        )
        rows = [
            (
                dispute.partner_id.display_name or "",
                dispute.name,
                dispute.reason_id.name,
                self._amount(dispute.amount),
                dispute.date_opened,
                dispute.deadline or None,
                dispute.user_id.name or "",
            )
            for dispute in disputes
        ]
        columns = [
            self.env._("Customer"),
            self.env._("Dispute"),
            self.env._("Reason"),
            self.env._("Disputed"),
            self.env._("Opened on"),
            self.env._("Deadline"),
            self.env._("Owner"),
        ]
        return [self._make_table(self.env._("Open disputes"), columns, rows)]

    # === A COLLECTOR'S WEEK === #

    def _make_week(self, salesperson=None):
        """A row for each collector: what was done in seven days, and what is there to do."""
        since = fields.Date.subtract(self.company_id._collection_today(), days=7)
        ours = [("company_id", "=", self.company_id.id)]
        cases = self.env["collection.case"]._read_group(
            [*ours, ("outstanding", "!=", 0)],
            ["user_id"],
            ["__count", "outstanding:sum", "overdue:sum"],
        )
        reminders = self._count_by_owner(
            "collection.reminder",
            [
                ("case_id.company_id", "=", self.company_id.id),
                ("state", "=", "sent"),
                ("decision_date", ">=", since),
            ],
            "case_id.user_id",
        )
        calls = self._count_by_owner("collection.call", [*ours, ("called_at", ">=", since)])
        given = self._count_by_owner(
            "collection.promise", [*ours, ("date_made", ">=", since)], "case_id.user_id"
        )
        kept = self._count_by_owner(
            "collection.promise",
            [*ours, ("state", "=", "kept"), ("ended_on", ">=", since)],
            "case_id.user_id",
        )
        rows = [
            (
                user.name or self.env._("Nobody"),
                count,
                self._amount(outstanding),
                self._amount(overdue),
                *(found.get(user, 0) for found in (reminders, calls, given, kept)),
            )
            for user, count, outstanding, overdue in cases
        ]
        columns = [
            self.env._("Collector"),
            self.env._("Cases"),
            self.env._("Outstanding"),
            self.env._("Overdue"),
            self.env._("Reminders"),
            self.env._("Calls"),
            self.env._("Promises Given"),
            self.env._("Promises Kept"),
        ]
        return [self._make_table(self.env._("The last seven days"), columns, rows)]

    @api.model
    def _count_by_owner(self, model, domain, owner="user_id"):
        """Return {user: number of records}."""
        return dict(self.env[model]._read_group(domain, [owner], ["__count"]))

    # === INDICATORS === #

    def _make_figures(self, salesperson=None):
        """The indicators of the dashboards, and what moved since last week."""
        # In the currency of its company, whatever whoever sends it looks at.
        currency = self.company_id.currency_id
        page = self.env["collection.dashboard"].get_page("management", currency_id=currency.id)
        tiles = [
            (tile["label"], tile["value"], tile.get("change", ""), tile.get("target", ""))
            for tile in page["tiles"]
            if tile["defined"]
        ]
        columns = ["", self.env._("Now"), self.env._("Change"), self.env._("Target")]
        tables = [self._make_table(self.env._("Indicators"), columns, tiles)]
        for table in page["tables"]:
            rows = [tuple(row["cells"]) for row in table["rows"]]
            tables.append(self._make_table(table["title"], table["columns"], rows))
        return tables
