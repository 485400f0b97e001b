from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, formatLang

#: Who may follow a dispute into the books.
LEDGER = "account.group_account_readonly,account.group_account_invoice"


class CollectionDisputeLine(models.Model):
    """A contested amount of one document, with what its solver needs to know of it.

    The links into the ledger are for those who may read it; the snapshot beside them is for the
    owner of the dispute, and outlives the lines that it was taken from.
    """

    _name = "collection.dispute.line"
    _description = "Disputed Amount"
    _order = "date_due, id"

    dispute_id = fields.Many2one(
        "collection.dispute", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="dispute_id.company_id", store=True, index=True)
    company_currency_id = fields.Many2one(
        related="dispute_id.company_id.currency_id", string="Company Currency"
    )
    line_id = fields.Many2one(
        "account.move.line",
        string="Item",
        ondelete="set null",
        index="btree_not_null",
        groups=LEDGER,
        help="The open item that is contested; empty: the document, its oldest item first.",
    )
    invoice_line_id = fields.Many2one(
        "account.move.line",
        ondelete="set null",
        index="btree_not_null",
        groups=LEDGER,
    )
    move_id = fields.Many2one(
        "account.move",
        string="Document",
        ondelete="set null",
        index="btree_not_null",
        groups=LEDGER,
    )
    move_name = fields.Char(string="Number", readonly=True)
    date_invoice = fields.Date(string="Date", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    description = fields.Char(readonly=True)
    product_id = fields.Many2one("product.product", ondelete="set null", readonly=True)
    quantity = fields.Float(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True)
    amount_open = fields.Monetary(
        string="Open Amount",
        currency_field="currency_id",
        readonly=True,
        help="What was open of the document, or what its line amounts to, when it was contested.",
    )
    amount_currency = fields.Monetary(
        string="Disputed", currency_field="currency_id", required=True
    )
    amount = fields.Monetary(
        string="Disputed (Company)", currency_field="company_currency_id", readonly=True
    )
    accepted_currency = fields.Monetary(
        string="Accepted", currency_field="currency_id", readonly=True, copy=False
    )
    accepted_amount = fields.Monetary(
        string="Accepted (Company)",
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
    )
    credit_move_id = fields.Many2one(
        "account.move",
        string="Credit Note",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        copy=False,
        groups=LEDGER,
    )
    credit_state = fields.Selection(related="credit_move_id.state", string="Credit Note Status")

    _positive = models.Constraint(
        "CHECK (amount_currency > 0)", "A disputed amount is above zero."
    )
    _accepted_within = models.Constraint(
        "CHECK (accepted_currency >= 0 AND accepted_currency <= amount_currency)",
        "What is accepted lies between zero and what is disputed.",
    )

    # === CREATE === #

    @api.model_create_multi
    def create(self, vals_list):
        """Take the snapshot from the ledger: nobody makes one up.

        :raises UserError: when there is nothing there that could be contested
        """
        given = {"dispute_id", "line_id", "invoice_line_id", "currency_id", "amount_currency"}
        vals_list = [
            {key: value for key, value in vals.items() if key in given} for vals in vals_list
        ]
        sources = self.env["account.move.line"].browse(map(self._get_source, vals_list))
        # What one contests of a document is no longer there for the next one.
        apart = len(sources.move_id) == len(vals_list)
        lines = self.browse()
        for batch in [vals_list] if apart else [[vals] for vals in vals_list]:
            debts = self._get_open_debts(sources.move_id)
            held = self.env["collection.dispute"]._get_disputed_amounts(debts)
            asked = self._get_cases(debts)
            lines |= super().create(
                [vals | self._prepare_snapshot_vals(vals, sources, held, asked) for vals in batch]
            )
        return lines

    @api.model
    def _get_source(self, vals):
        """Return the id of the line of the ledger that is contested.

        :raises UserError: when none is named
        """
        source = vals.get("invoice_line_id") or vals.get("line_id")
        if not source:
            raise UserError(self.env._("Say which item or invoice line is disputed."))
        return source

    @api.model
    def _prepare_snapshot_vals(self, vals, sources, held, asked):
        """Return what is known of the contested item or invoice line.

        :param sources: all lines of the ledger that are contested at once, to be read at once
        :param dict held: what is contested of them already
        :param dict asked: the cases that are asked for them
        :raises UserError: for anything but an open debt, or a currency that is not its own
        """
        dispute = self.env["collection.dispute"].browse(vals["dispute_id"])
        item, product_line = (
            sources.browse(vals.get(name)).with_prefetch(sources.ids)
            for name in ("line_id", "invoice_line_id")
        )
        source = product_line or item
        source.check_access("read")
        move = source.move_id
        self._check_disputable(dispute, move, item, product_line)
        if not any(dispute.case_id.id in asked[debt.id] for debt in self._get_debts(move, item)):
            self._refuse(move, item, self.env._("it is another customer's"))
        currency = source.currency_id
        if vals.get("currency_id", currency.id) != currency.id:
            raise UserError(
                self.env._(
                    "%(document)s is in %(currency)s: give the disputed amount in that currency.",
                    document=move.name,
                    currency=currency.name,
                )
            )
        room = self._get_room(move, item, product_line, held)
        disputed = self._get_amount(vals.get("amount_currency"), room, source)
        debts = self._get_debts(move, item)
        own = sum(debts.mapped("amount_residual_currency"))
        company = sum(debts.mapped("amount_residual"))
        return {
            "move_id": move.id,
            "move_name": move.name,
            "date_invoice": move.invoice_date or move.date,
            "date_due": min(debt.date_maturity or debt.date for debt in debts),
            "description": (product_line.name or move.ref or item.name or "")[:500],
            "product_id": product_line.product_id.id,
            "quantity": product_line.quantity if product_line else 0,
            "currency_id": currency.id,
            "amount_open": product_line.price_total if product_line else own,
            "amount_currency": disputed,
            "amount": dispute.company_id.currency_id.round(disputed * company / own),
        }

    @api.model
    def _get_open_debts(self, move):
        """Return the open receivable lines of documents, those that the customer owes."""
        return move.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
            and not line.account_id.non_trade
            and not line.reconciled
            and line.amount_residual_currency > 0
        )

    @api.model
    def _check_disputable(self, dispute, move, item, product_line):
        """:raises UserError: with the reason why this cannot be contested in the dispute"""
        problem = False
        if move.company_id != dispute.company_id:
            problem = self.env._("it belongs to another company")
        elif move.state != "posted":
            problem = self.env._("it is not posted")
        elif move.move_type in ("out_refund", "in_invoice", "in_refund", "in_receipt"):
            problem = self.env._("it is nothing that the customer owes")
        elif product_line and product_line.display_type != "product":
            problem = self.env._("this is no line of the invoice")
        elif item and (item.account_type != "asset_receivable" or item.balance < 0):
            problem = self.env._("it is nothing that the customer owes")
        elif item and product_line and item.move_id != move:
            problem = self.env._("item and invoice line are of two documents")
        elif not self._get_debts(move, item):
            problem = self.env._("nothing is left to pay on it")
        if problem:
            self._refuse(move, item, problem)

    @api.model
    def _refuse(self, move, item, why):
        """:raises UserError: always"""
        raise UserError(
            self.env._(
                "%(document)s cannot be disputed here: %(why)s.",
                document=move.display_name or item.display_name,
                why=why,
            )
        )

    @api.model
    def _get_debts(self, move, item):
        """Return the open receivable lines that are contested: the item, else its document's."""
        debts = self._get_open_debts(move)
        return item & debts if item else debts

    @api.model
    def _get_cases(self, debts):
        """Return {receivable line id: ids of the cases asked for it}, two where they share it."""
        asked = {line: [] for line in debts.ids}
        self.env.flush_all()
        rows = self.env.execute_query(
            self.env["collection.ledger"]._open_items_sql(
                SQL("line.id, debtor.case_id"),
                joins=self.env["collection.debtor"]._join_sql(),
                where=SQL("line.id = ANY(%s)", debts.ids),
            )
        )
        for line, case in rows:
            asked[line].append(case)
        return asked

    @api.model
    def _get_amount(self, amount, room, source):
        """Return the amount to contest of a line of the ledger, by default all that may still be.

        :param float room: what may still be contested of it
        :raises UserError: when the amount is not above zero, or above what is left
        """
        currency = source.currency_id
        disputed = currency.round(room if amount is None else amount)
        if amount is not None and currency.compare_amounts(disputed, 0) <= 0:
            raise UserError(self.env._("A disputed amount is above zero."))
        if currency.compare_amounts(disputed, room) > 0 or currency.is_zero(room):
            raise UserError(
                self.env._(
                    "%(amount)s cannot be disputed on %(document)s: %(room)s is left open there "
                    "that is not disputed yet.",
                    amount=formatLang(self.env, disputed, currency_obj=currency),
                    room=formatLang(self.env, room, currency_obj=currency),
                    document=source.move_id.name,
                )
            )
        return disputed

    @api.model
    def _get_room(self, move, item, product_line, held):
        """Return what may still be contested, in the currency of the document."""
        debts = self._get_debts(move, item)
        room = sum(
            debt.amount_residual_currency - held.get(debt.id, (0.0, 0.0))[0] for debt in debts
        )
        if product_line:
            # What other disputes contest of the same line, solved against us or not at all.
            others = self.sudo().search(
                [
                    ("invoice_line_id", "=", product_line.id),
                    ("dispute_id.outcome", "not in", ("rejected", "withdrawn", "settled")),
                ]
            )
            taken = sum(
                line.amount_currency if line.dispute_id.is_open else line.accepted_currency
                for line in others
            )
            room = min(room, product_line.price_total - taken)
        return room

    def write(self, vals):
        """Amounts and snapshots stay as they were when the dispute was opened.

        :raises UserError: when they are written by hand
        """
        if not self.env.su:
            raise UserError(self.env._("This is not changed by hand: use the buttons."))
        return super().write(vals)

    @api.constrains("currency_id", "line_id", "invoice_line_id")
    def _check_snapshot(self):
        for line in self.sudo():
            source = line.invoice_line_id or line.line_id
            if source and source.currency_id != line.currency_id:
                raise ValidationError(
                    self.env._("A disputed amount is in the currency of its document.")
                )
