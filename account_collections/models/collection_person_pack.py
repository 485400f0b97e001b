import json
import zipfile

from odoo import api, models


class CollectionPersonPack(models.AbstractModel):
    """The answer to an access request: readable, and for programs."""

    _name = "collection.person.pack"
    _description = "Personal Data Pack"

    @api.model
    def _write(self, partner, stream):
        """Write a ZIP of what collections keep of a partner to a binary stream.

        :raises AccessError: for anybody but a credit manager
        """
        kept = self.env["collection.personal.data"]
        data, found = kept._collect(partner), kept._find(partner)
        wording = self.env["collection.wording"]
        html = self.env["ir.qweb"]._render(
            "account_collections.person_index",
            {
                "partner": partner,
                "contact": wording._read_out(data["partner"], "res.partner"),
                "sections": [
                    (title, [wording._read_out(row, model) for row in data[name]])
                    for name, (title, model) in kept._get_sections().items()
                ],
                "language": (self.env.lang or "en_US").replace("_", "-"),
            },
        )
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as pack:
            pack.writestr("index.html", "<!DOCTYPE html>\n" + str(html))
            pack.writestr("data.json", json.dumps(data, indent=1, ensure_ascii=False))
            documents = (found["messages"] | found["reminders"].mail_message_id).attachment_ids
            for document in documents | found["reminders"].attachment_ids | found["documents"]:
                name = self.env["collection.pack"]._clean(document.name)
                pack.writestr(f"attachments/{document.id}-{name}", document.raw or b"")
                document.invalidate_recordset()
