from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.cells import DAY_FIRST, MONTH_FIRST, plain
from ..engine.reading import Layout
from .collection_insurance_decision import KINDS

#: What a column of a file may tell, by the engine's names.
COLUMNS = [
    ("insurer_ref", "Insurer's number of the buyer"),
    ("registration", "Registration number"),
    ("vat", "VAT number"),
    ("code", "Customer code"),
    ("name", "Name of the buyer"),
    ("kind", "Decision"),
    ("amount", "Limit"),
    ("amount_requested", "Requested amount"),
    ("currency", "Currency"),
    ("announced", "Announced on"),
    ("effective", "In effect from"),
    ("until", "Until"),
    ("temporary", "Temporary"),
    ("reference", "Number of the decision"),
    ("grade", "Grade"),
    ("policy", "Policy number"),
    ("conditions", "Conditions"),
]


class CollectionInsurer(models.Model):
    """How an insurer's files are read, where that differs from what is recognised anyway."""

    _inherit = "collection.insurer"

    date_order = fields.Selection(
        [(DAY_FIRST, "Day / month / year"), (MONTH_FIRST, "Month / day / year")],
        string="Dates in Files",
        required=True,
        default=DAY_FIRST,
        help="Of dates with slashes: 18/03/2026 or 03/18/2026.",
    )
    column_ids = fields.One2many("collection.insurer.column", "insurer_id", string="Columns")
    word_ids = fields.One2many("collection.insurer.word", "insurer_id", string="Decisions in Files")

    def _get_layout(self, policy):
        """Return the engine's layout for files on ``policy``."""
        self.ensure_one()
        return Layout(
            chosen={column.name: column.header or "" for column in self.column_ids},
            words={plain(word.name): word.kind for word in self.word_ids},
            order=self.date_order,
            policy=policy.name,
            currency=policy.currency_id.name,
            insurer=self.name,
        )


class CollectionInsurerColumn(models.Model):
    """The header of a column in an insurer's files."""

    _name = "collection.insurer.column"
    _description = "Column of an Insurer's Files"
    _order = "insurer_id, id"

    insurer_id = fields.Many2one(
        "collection.insurer", required=True, index=True, ondelete="cascade"
    )
    name = fields.Selection(COLUMNS, string="Tells", required=True)
    header = fields.Char(
        help="As the file writes it; empty: no column of the file is read as this."
    )

    _name_unique = models.Constraint(
        "UNIQUE (insurer_id, name)", "Each thing is read from one column."
    )


class CollectionInsurerWord(models.Model):
    """What an insurer's files call a decision."""

    _name = "collection.insurer.word"
    _description = "Decision in an Insurer's Files"
    _order = "insurer_id, name"

    insurer_id = fields.Many2one(
        "collection.insurer", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(string="In the File", required=True, help="A word or a code.")
    kind = fields.Selection(KINDS, string="Decision", required=True)

    _name_unique = models.Constraint("UNIQUE (insurer_id, name)", "A word means one decision.")

    @api.constrains("kind")
    def _check_kind(self):
        if "annulled" in self.mapped("kind"):
            raise ValidationError(
                self.env._("No insurer annuls our entries: choose another decision.")
            )
