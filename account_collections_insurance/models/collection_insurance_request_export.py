import csv
import io

import xlsxwriter
from odoo import fields, models
from odoo.addons.account_collections.models.collection_pack import spreadsheet
from odoo.exceptions import UserError

from ..engine.limits import REQUESTED
from ..engine.reading import FIELDS
from .collection_insurance_request import APPROVED, SENT

#: Columns of an export, by what they tell; the insurer's own headers count first.
COLUMNS = (
    "policy", "insurer_ref", "registration", "vat", "code", "name", "kind", "amount_requested",
    "currency", "announced", "until", "credit_days", "conditions",
)  # fmt: skip

#: What imports do not read.
OTHER_HEADERS = {"credit_days": "payment term (days)", "conditions": "reason"}


class CollectionInsuranceRequest(models.Model):
    """Requests as a file in the insurer's layout."""

    _inherit = "collection.insurance.request"

    def action_export_csv(self):
        return self._export("csv", self._write_csv)

    def action_export_xlsx(self):
        return self._export("xlsx", self._write_xlsx)

    def _export(self, extension, write):
        """Make the file of the requests, keep it with the policy, and take them as sent.

        Requests that were sent already may be exported again.

        :raises UserError: when one of them is not approved, or they are of several policies
        """
        self._check_manager()
        # Of two who export at once the second is refused, before they are asked for twice.
        self._lock(allow_referencing=True)
        if not self or self.filtered(lambda one: one.state not in (APPROVED, SENT)):
            raise UserError(self.env._("Approve the requests before they are exported."))
        if len(self.policy_id) > 1:
            raise UserError(self.env._("Export the requests of one policy at a time."))
        data = write(self._get_rows())
        self.filtered(lambda one: one.state == APPROVED)._set_sent()
        policy = self.policy_id
        today = policy.company_id._collection_today()
        attachment = self.env["ir.attachment"].create(
            {
                "name": f"requests-{policy.name}-{today}.{extension}",
                "raw": data,
                "res_model": policy._name,
                "res_id": policy.id,
            }
        )
        policy.message_post(
            body=self.env._("Limit requests exported: %(count)s", count=len(self)),
            attachment_ids=attachment.ids,
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }

    def _get_rows(self):
        """Return the headers, and a row of texts for each request."""
        chosen = {
            column.name: column.header
            for column in self.policy_id.insurer_id.column_ids
            if column.header
        }
        headers = [
            chosen.get(name) or OTHER_HEADERS.get(name) or FIELDS[name][0] for name in COLUMNS
        ]
        return [headers, *([values[name] for name in COLUMNS] for values in self._get_values())]

    def _get_values(self):
        """Yield {name: text}, of what the insurer knows the buyer by first."""
        for request in self:
            buyer, partner = request.buyer_id, request.partner_id
            yield {
                "policy": request.policy_id.name,
                "insurer_ref": buyer.insurer_ref or "",
                "registration": buyer.registration or partner.company_registry or "",
                "vat": buyer.vat or partner.vat or "",
                "code": buyer.code or partner.ref or "",
                "name": buyer.name or partner.name,
                "kind": REQUESTED,
                "amount_requested": f"{request.amount:.2f}",
                "currency": request.currency_id.name,
                "announced": fields.Date.to_string(request.company_id._collection_today()),
                "until": fields.Date.to_string(request.date_until) or "",
                "credit_days": str(request.credit_days or ""),
                "conditions": request.reason or "",
            }

    def _write_csv(self, rows):
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        writer.writerows([spreadsheet(text) for text in row] for row in rows)
        return stream.getvalue().encode("utf-8-sig")

    def _write_xlsx(self, rows):
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
            sheet = workbook.add_worksheet()
            for number, row in enumerate(rows):
                for place, text in enumerate(row):
                    sheet.write_string(number, place, text)
        return stream.getvalue()
