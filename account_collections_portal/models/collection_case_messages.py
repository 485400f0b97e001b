import io

import qrcode
from odoo import api, models
from odoo.addons.account_collections.engine.chain import mask_tokens


class CollectionCase(models.Model):
    _inherit = "collection.case"

    # EXTENDS 'mail'
    def _message_create(self, values_list):
        """Keep no token: an answer quotes the reminder, with the link that its reader got."""
        for values in values_list:
            body = values.get("body")
            if body and values.get("message_type") == "email":
                values["body"] = type(body)(mask_tokens(str(body)))
        return super()._message_create(values_list)

    @api.model
    def _draw_code(self, text):
        """Return the QR code of an address, or of a transfer, a PNG."""
        code = qrcode.QRCode(box_size=4, border=4)
        code.add_data(text)
        stream = io.BytesIO()
        code.make_image().save(stream)
        return stream.getvalue()
