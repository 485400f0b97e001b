import functools
import logging
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup
from odoo import api, models
from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.tools import format_date, split_every

from ..engine.facts import REGISTERED
from ..report.offline_html import make_offline
from ..report.statement_pdf import NotSplit, mark, merge, split

_logger = logging.getLogger(__name__)

#: Letters that one process of the PDF program is given at most.
CHUNK_LETTERS = 100

#: Without Qt's patches everything is printed a quarter smaller.
UNPATCHED_ZOOM = 4 / 3


@dataclass(frozen=True, slots=True)
class Letter:
    """What is printed for one reminder."""

    subject: str
    body: Markup
    address: str
    reference: str
    customer_number: str
    date: date
    is_registered: bool


class CollectionLetter(models.AbstractModel):
    """Reminders as letters: PDF pages ready for a window envelope, many at once.

    Letterhead, conversion and the taking apart of one document for many are those of the
    statements of account.
    """

    _name = "collection.letter"
    _description = "Letters on Paper"

    @api.model
    def _make(self, reminders):
        """Return {reminder: PDF} of letters on paper, each with what is enclosed.

        :raises UserError: the PDF program is missing or failed
        """
        statements = self.env["collection.statement"]
        statements._check_can_print()
        made = {}
        for (company, lang), batch in reminders.grouped(
            lambda one: (one.company_id, one.lang)
        ).items():
            model = self.with_context(lang=lang).with_company(company)
            letterhead = statements.with_env(model.env)._get_letterhead(company.with_env(model.env))
            for chunk in split_every(CHUNK_LETTERS, batch.ids, batch.browse):
                made.update(zip(chunk, model._print(chunk.with_env(model.env), letterhead)))
        return {reminder: self._enclose(reminder, pdf) for reminder, pdf in made.items()}

    @api.model
    def _print(self, reminders, letterhead):
        """Return the PDF of each letter; one document for all when it can be taken apart."""
        pdf = self.env["collection.statement"]._convert(self._write_html(reminders, letterhead))
        if len(reminders) == 1:
            return [pdf]
        try:
            return split(pdf, len(reminders))
        except NotSplit as problem:
            _logger.warning("Letters are printed one by one: %s", problem)
            return [self._print(one, letterhead)[0] for one in reminders]

    @api.model
    def _write_html(self, reminders, letterhead):
        return self.env["ir.qweb"]._render(
            "account_collections.letters",
            {
                "marked": [
                    (mark(index), self._prepare_letter(reminder))
                    for index, reminder in enumerate(reminders)
                ],
                "zoom": 1 if _wkhtml().is_patched_qt else UNPATCHED_ZOOM,
                "day": functools.partial(format_date, self.env),
                **letterhead,
            },
        )

    @api.model
    def _prepare_letter(self, reminder):
        """Return what is printed; add-ons extend it."""
        return Letter(
            subject=reminder.subject or "",
            # Sanitized when it was written, and now kept from fetching anything.
            body=Markup(make_offline(reminder.body)),
            address=reminder.recipient_id._get_collection_envelope(),
            reference=f"{reminder.case_id.id}-{reminder.id}",
            customer_number=reminder.debtor_id.ref or "",
            date=reminder.company_id._collection_today(),
            is_registered=reminder.channel == REGISTERED,
        )

    @api.model
    def _enclose(self, reminder, pdf):
        """Return a letter's PDF with its enclosures: those of its documents that are PDF."""
        enclosures = reminder.attachment_ids.filtered(
            lambda document: document.mimetype == "application/pdf"
        )
        # What a customer's invoice is kept as may be no PDF that can be read.
        contents = [document.raw for document in enclosures if document.raw]
        return merge([pdf, *contents]) if contents else pdf
