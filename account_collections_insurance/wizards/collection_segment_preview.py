from odoo import fields, models
from odoo.tools import SQL

from ..models.collection_insurance_cover import STATES, money


class CollectionSegmentPreview(models.TransientModel):
    _inherit = "collection.segment.preview"

    # EXTENDS 'account_collections'
    def _write_lines(self, cases):
        """Show cover and grade beside the scenario that asks about them."""
        super()._write_lines(cases)
        lines = self.env["collection.segment.line"]
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_segment_line line
                   SET cover = known.cover, uncovered = known.uncovered::numeric,
                       grade = known.grade::numeric
                  FROM (%s) known (case_id, cover, uncovered, insurer_limit, grade)
                 WHERE line.preview_id = %s AND line.case_id = known.case_id
                """,
                self.env["collection.gather"]._measures_sql(cases),
                self.id,
            )
        )
        lines.invalidate_model()


class CollectionSegmentLine(models.TransientModel):
    _inherit = "collection.segment.line"

    company_currency_id = fields.Many2one(
        related="case_id.company_id.currency_id", string="Company Currency"
    )
    cover = fields.Selection(STATES, readonly=True)
    uncovered = money("Uncovered")
    grade = fields.Float(
        string="Grade (0-100)", readonly=True, aggregator="avg",
        help="The lowest of the insurers, on one scale: 100 is the best.",
    )  # fmt: skip
