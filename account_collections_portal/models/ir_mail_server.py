from odoo import models

#: By its name the picture of the code is told from what a message encloses.
CODE_NAME = "account-qr.png"


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    # EXTENDS 'base'
    def _build_email__(self, *args, **kwargs):
        """Let the text of a mail show the picture of the code that it brings along."""
        message = super()._build_email__(*args, **kwargs)
        for part in message.iter_attachments():
            if part.get_filename() == CODE_NAME:
                part["Content-ID"] = f"<{CODE_NAME}>"
                part.replace_header("Content-Disposition", f'inline; filename="{CODE_NAME}"')
        return message
