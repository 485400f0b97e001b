import base64
import dataclasses

from markupsafe import Markup
from odoo import api, models


class CollectionLetter(models.AbstractModel):
    _inherit = "collection.letter"

    # EXTENDS 'account_collections'
    @api.model
    def _prepare_letter(self, reminder):
        """Show the way to the account, as address and as QR code.

        A letter is kept as evidence: it bears a code that is no secret (see ``collection.case``).
        """
        letter = super()._prepare_letter(reminder)
        url = reminder.case_id._get_letter_url()
        picture = base64.b64encode(reminder.case_id._draw_code(url)).decode()
        way = self.env["ir.qweb"]._render(
            "account_collections_portal.letter_account",
            {"url": url, "picture": f"data:image/png;base64,{picture}"},
        )
        return dataclasses.replace(letter, body=letter.body + Markup(way))
