from collections.abc import Callable
from dataclasses import dataclass

from odoo import models
from odoo.tools import SQL

#: Documents of the ledger that a customer may have.
DOCUMENTS = ("out_invoice", "out_refund", "out_receipt")

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class PortalFile:
    """A document that goes with an invoice, and that its customer may download.

    :ivar kind: ``invoice``, ``einvoice``, ``order``, ``delivery`` or ``attachment``
    :ivar key: tells those of a kind apart, in addresses
    :ivar label: what the customer reads
    :ivar read: makes it, when it is asked for: (file name, content, type)
    """

    kind: str
    key: int
    label: str
    read: Callable[[], tuple]


class CollectionCase(models.Model):
    """The documents of an account. What is not in :meth:`_get_portal_files` cannot be had."""

    _inherit = "collection.case"

    def _get_portal_document(self, move_id):
        """Return a posted document of this account; none when it is somebody else's.

        Whose it is, the map says: of a payer those that it pays a share of, of a branch its own.
        """
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT move.id
                  FROM account_move move
                  JOIN account_move_line line ON line.move_id = move.id
                  JOIN account_account account ON account.id = line.account_id
            CROSS JOIN LATERAL (SELECT line.balance AS amount, line.amount_currency) item
                  %(debtor)s
                 WHERE move.id = %(move)s AND debtor.case_id = %(case)s
                   AND move.state = 'posted' AND move.move_type IN %(types)s
                   AND move.collection_assigned IS NOT TRUE
                   AND account.account_type = 'asset_receivable'
                   AND account.non_trade IS NOT TRUE
                   AND %(member)s
                """,
                debtor=self.env["collection.debtor"]._join_sql(),
                move=move_id,
                case=self.id,
                types=DOCUMENTS,
                member=self._get_member_sql(),
            )
        )
        return self.env["account.move"].browse(move for (move,) in rows)

    def _get_portal_file(self, move, kind, key):
        """Return the file of a document by its address, None when there is none."""
        files = self._get_portal_files(move)
        return next((one for one in files if (one.kind, one.key) == (kind, key)), None)

    def _get_portal_files(self, move):
        """Return what goes with a document of this account; add-ons add to it.

        Sales and Inventory may be absent: what they know is looked for where they are.

        :param move: a document of this account, with all rights
        :return: list of :class:`PortalFile`
        """
        self.ensure_one()
        return [
            *self._get_invoice_files(move),
            *self._get_order_files(move),
            *self._get_delivery_files(move),
            *(
                PortalFile("attachment", one.id, one.name, lambda one=one: _read(one))
                for one in move.collection_shown_attachment_ids
            ),
        ]

    def _get_invoice_files(self, move):
        """The document itself, and what was sent with it: electronic invoices."""
        _ = self.env._
        sent = self.env["ir.attachment"]
        if move.invoice_pdf_report_id:
            sent = self.env["account.move.send"]._get_invoice_extra_attachments(move)
        label = _("Credit note") if move.move_type == "out_refund" else _("Invoice")
        return [
            PortalFile("invoice", 0, f"{label} {move.name}", lambda: _read_invoice(move)),
            *(
                PortalFile(
                    "einvoice", one.id, _("E-invoice: %s", one.name), lambda one=one: _read(one)
                )
                for one in sent - move.invoice_pdf_report_id
            ),
        ]

    def _get_order_files(self, move):
        """The customer's own orders that a document invoices."""
        if not self._has_field("account.move.line", "sale_line_ids"):
            return []
        return [
            PortalFile(
                "order",
                order.id,
                self.env._("Order %s", order.name),
                lambda order=order: self._print_file(order, "sale.action_report_saleorder"),
            )
            for order in self._get_orders(move)
        ]

    def _has_field(self, model, name):
        """Return whether an application that may be absent is there."""
        return model in self.env and name in self.env[model]._fields

    def _get_orders(self, move):
        """Orders of another customer that share an invoice stay with that customer."""
        owners = move.commercial_partner_id
        return move.invoice_line_ids.sale_line_ids.order_id.filtered(
            lambda order: order.state == "sale"
            and order.company_id == move.company_id
            and order.partner_id.commercial_partner_id == owners
        )

    def _get_delivery_files(self, move):
        """What was delivered of the orders; a signed delivery note is the proof of delivery."""
        if not self._has_field("sale.order.line", "move_ids"):
            return []
        _ = self.env._
        orders = self._get_orders(move)
        sold = move.invoice_line_ids.sale_line_ids.filtered(lambda line: line.order_id in orders)
        done = sold.move_ids.picking_id.filtered(
            lambda one: one.state == "done" and one.picking_type_code == "outgoing"
        )
        return [
            PortalFile(
                "delivery",
                picking.id,
                _("Delivery note %s, signed", picking.name)
                if picking.signature
                else _("Delivery note %s", picking.name),
                lambda picking=picking: self._print_file(picking, "stock.action_report_delivery"),
            )
            for picking in done.sorted("date_done")
        ]

    def _print_file(self, record, report):
        """Return a report of Odoo on one record, as its own portal gives it to customers."""
        reports = self.env["ir.actions.report"].with_company(record.company_id)
        pdf, _type = reports._render_qweb_pdf(report, record.ids)
        return f"{record.name.replace('/', '_')}.pdf", pdf, PDF


def _read(attachment):
    return attachment.name, attachment.raw, attachment.mimetype


def _read_invoice(move):
    """Return the PDF as it was sent, else one made now."""
    document = move._get_invoice_legal_documents("pdf", allow_fallback=True)
    return document["filename"], document["content"], PDF
