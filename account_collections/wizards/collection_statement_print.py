from base64 import b64encode

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..models.collection_statement_attach import PDF, XLSX

#: Statements, and open items on them, that are made while the user waits.
DIRECT_CASES = 20
DIRECT_ITEMS = 2000


class CollectionStatementPrint(models.TransientModel):
    """Ask for the statements of account of one or many cases, of today or a past day."""

    _name = "collection.statement.print"
    _description = "Make Statements of Account"

    case_ids = fields.Many2many(
        "collection.case", default=lambda self: self.env.context.get("active_ids"), readonly=True
    )
    case_count = fields.Integer(compute="_compute_case_count")
    as_of = fields.Date(
        string="As of",
        required=True,
        default=lambda self: self._get_company()._collection_today(),
        help="Today, or a past day as the ledger stood at its end.",
    )
    since = fields.Date(
        string="Payments since",
        compute="_compute_since",
        store=True,
        readonly=False,
        help="Payments and credits from this day on are listed with what they settled; "
        "empty leaves them out.",
    )
    merged = fields.Boolean(
        string="All in one PDF", default=True, help="Else a ZIP archive with a file each."
    )
    file = fields.Binary(readonly=True)
    file_name = fields.Char(readonly=True)

    @api.model
    def _get_company(self):
        cases = self.env["collection.case"].browse(self.env.context.get("active_ids"))
        return cases.company_id[:1] or self.env.company

    @api.depends("case_ids")
    def _compute_case_count(self):
        for wizard in self:
            wizard.case_count = len(wizard.case_ids)

    @api.depends("as_of")
    def _compute_since(self):
        statement = self.env["collection.statement"]
        for wizard in self:
            company = wizard.case_ids.company_id[:1] or self.env.company
            wizard.since = wizard.as_of and statement._get_since(company, wizard.as_of)

    @api.constrains("as_of", "since", "case_ids")
    def _check_days(self):
        for wizard in self:
            today = max(company._collection_today() for company in wizard._get_companies())
            if wizard.as_of > today:
                raise ValidationError(
                    self.env._("A statement cannot be made of a day that has not come yet.")
                )
            if wizard.since and wizard.since > wizard.as_of:
                raise ValidationError(
                    self.env._("The first day of the payments is after the statement's.")
                )

    def _get_companies(self):
        return self.case_ids.company_id or self.env.company

    def action_pdf(self):
        return self._make(PDF)

    def action_xlsx(self):
        return self._make(XLSX)

    def _make(self, form):
        """Make few statements at once and hand them over; leave many to the scheduled action.

        :raises UserError: without a case, or without the PDF program
        :raises AccessError: for a case that the user may not read
        """
        self.ensure_one()
        cases = self.case_ids
        if not cases:
            raise UserError(self.env._("Select the cases first."))
        cases.check_access("read")
        statement = self.env["collection.statement"]
        if form == PDF:
            statement._check_can_print()
        if len(cases) > DIRECT_CASES or sum(cases.mapped("item_count")) > DIRECT_ITEMS:
            batch = self.env["collection.statement.batch"]._ask(
                cases, form, self.merged, self.as_of, self.since
            )
            return batch.get_formview_action()
        name, content = statement._make_file(
            statement._sort_for_file(cases), form, self.merged, self.as_of, self.since
        )
        self.write({"file": b64encode(content), "file_name": name})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file?download=1"
            "&filename_field=file_name",
            "target": "download",
            # My Day goes on with the next line.
            "close": bool(self.env.context.get("collection_stay")),
        }
