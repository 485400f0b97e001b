from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import html2plaintext

from ..engine.facts import ON_PAPER, REGISTERED
from .collection_delivery import NotDelivered
from .res_partner_interest import BUSINESS
from .service_failure import classify_service

#: Letters whose PDF is made, and committed, together.
BATCH_SIZE = 100

#: What is noted on a letter after it has left.
RECEIPT_FIELDS = {"tracking_number", "received_on", "receipt"}


class CollectionLevel(models.Model):
    _inherit = "collection.level"

    letter_template_id = fields.Many2one(
        "mail.template",
        string="Letter",
        domain=[("model", "=", "collection.reminder")],
        ondelete="restrict",
        help="What is printed; empty: the text of the e-mail.",
    )

    @api.constrains("channel", "other_channel_ids", "template_id", "letter_template_id")
    def _check_letter(self):
        for level in self:
            if level.uses_paper and not (level.letter_template_id or level.template_id):
                raise ValidationError(
                    self.env._("Level %(name)s sends a letter: choose its text.", name=level.name)
                )


class CollectionEvidence(models.Model):
    _inherit = "collection.evidence"

    event = fields.Selection(
        selection_add=[("printed", "Printed"), ("receipt", "Receipt noted")],
        ondelete={"printed": "cascade", "receipt": "cascade"},
    )


class CollectionReminder(models.Model):
    """Letters: printed, posted, and what came of them."""

    _inherit = "collection.reminder"

    letter_id = fields.Many2one(
        "ir.attachment", string="Printed Letter", readonly=True, copy=False, ondelete="set null"
    )
    mailing_id = fields.Many2one(
        "collection.mailing", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    is_on_paper = fields.Boolean(compute="_compute_is_on_paper")
    postal_address = fields.Char(compute="_compute_postal_address", compute_sudo=True)
    posted_on = fields.Date(readonly=True, copy=False, help="Day on which it was posted.")
    tracking_number = fields.Char(copy=False, help="Number of the registered letter.")
    received_on = fields.Date(
        string="Receipt Dated", copy=False, help="Date on the acknowledgement of receipt."
    )
    receipt = fields.Selection(
        [("signed", "Signed for"), ("refused", "Refused"), ("unclaimed", "Not collected")],
        string="Outcome",
        copy=False,
        help="A registered letter that is refused or not collected was presented all the same.",
    )

    @api.depends("channel")
    def _compute_is_on_paper(self):
        for reminder in self:
            reminder.is_on_paper = reminder.channel in ON_PAPER

    def _is_business(self):
        """Return whether the debtor is a business: the law protects consumers otherwise."""
        self.ensure_one()
        return self.debtor_id._get_collection_legal_form() == BUSINESS

    @api.depends("recipient_id")
    def _compute_postal_address(self):
        for reminder in self:
            envelope = reminder.recipient_id._get_collection_envelope()
            reminder.postal_address = ", ".join(envelope.splitlines())

    @api.constrains("received_on", "posted_on", "receipt")
    def _check_receipt(self):
        for reminder in self:
            posted = reminder.posted_on
            if posted and reminder.received_on and reminder.received_on < posted:
                raise ValidationError(
                    self.env._("A letter cannot be received before it was posted.")
                )

    def write(self, vals):
        """The receipt of a registered letter is noted when it comes, long after it left."""
        noted = set(vals) & RECEIPT_FIELDS
        if self.env.su or not noted:
            return super().write(vals)
        if set(vals) - RECEIPT_FIELDS:
            raise UserError(self.env._("Note the receipt apart from other changes."))
        self.check_access("write")
        if any(reminder.channel != REGISTERED for reminder in self):
            raise UserError(self.env._("Only a registered letter has a receipt."))
        # A protected record: the check above says who may note what comes back from the post.
        result = super(CollectionReminder, self.sudo()).write(vals)
        facts = {name: str(vals[name] or "") for name in sorted(noted)}
        self.env["collection.evidence"]._record(self, "receipt", facts)
        return result

    # === ACTIONS === #

    def action_print_letters(self):
        """Put letters that wait into one file to print, with their mailing list."""
        letters = self.filtered(
            lambda one: one.channel in ON_PAPER and one.state in ("to_print", "printed")
        )
        letters.check_access("write")
        if not letters:
            raise UserError(self.env._("None of these is a letter that waits to be printed."))
        mailing = self.env["collection.mailing"]._make(letters)
        if not mailing:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "message": self.env._(
                        "Nothing is left to print: what these letters ask for was paid or is "
                        "no longer asked for."
                    ),
                    "next": {"type": "ir.actions.act_window_close"},
                },
            }
        return {
            "type": "ir.actions.act_window",
            "res_model": mailing._name,
            "res_id": mailing.id,
            "view_mode": "form",
            "name": self.env._("Mailing"),
        }

    def action_posted(self):
        """The letters were posted today: their items have reached their level."""
        self.check_access("write")
        self.filtered(lambda one: one.state == "printed")._post_letters()
        return True

    def action_came_back(self):
        """The post brought a letter back: nobody is known at this address."""
        self.check_access("write")
        letters = self.filtered(lambda one: one.channel in ON_PAPER and one.state == "sent")
        letters._come_back(self.env._("The post brought it back: unknown at this address."))
        return True

    def _post_letters(self):
        for reminder in self:
            today = reminder.company_id._collection_today()
            reminder._set_state(
                "sent", sent_at=fields.Datetime.now(), posted_on=today, failure=False
            )
            self.env["collection.evidence"]._record(reminder, "sent", reminder._get_letter_facts())
            message = reminder.case_id._message_log(
                body=reminder.body,
                subject=reminder.subject,
                attachment_ids=reminder.letter_id.sudo().copy({"res_id": 0}).ids,
            )
            reminder.sudo().mail_message_id = message
            self.env["collection.delivery"]._copy_colleagues(reminder, message)

    def _get_letter_facts(self):
        """Return what is worth proving of a letter that was posted."""
        self.ensure_one()
        return {
            "to": self.postal_address,
            "subject": self.subject,
            "registered": self.channel == REGISTERED,
            "tracking_number": self.tracking_number or "",
            "pdf_sha1": self.letter_id.sudo().checksum or "",
        }

    def _keep_letter(self, pdf):
        """Keep the PDF as it is printed and sent."""
        self.ensure_one()
        # Of the product, not of whoever pressed a button: nobody changes what was printed.
        self.sudo().letter_id = self.env["ir.attachment"].sudo().create(
            {
                "name": f"{self.case_id.id}-{self.id}.pdf",
                "raw": pdf,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )


class CollectionPrepare(models.AbstractModel):
    _inherit = "collection.prepare"

    @api.model
    def _write_letter(self, level, reminders):
        self._write_from_template(level.letter_template_id or level.template_id, reminders)

    @api.model
    def _write_registered(self, level, reminders):
        self._write_letter(level, reminders)


class CollectionDelivery(models.AbstractModel):
    _inherit = "collection.delivery"

    @api.model
    def _rewrite(self, reminder, lines):
        """Other amounts are another letter."""
        reminder.sudo().letter_id.unlink()
        return super()._rewrite(reminder, lines)

    @api.model
    def _cron_depart(self):
        """Make the PDF of letters that wait, many at a time, so that printing is at once."""
        result = super()._cron_depart()
        self._make_letters()
        return result

    @api.model
    def _make_letters(self):
        letters = self.env["collection.letter"]
        if not self.env["collection.statement"]._can_print():
            return
        waiting = self.env["collection.reminder"].search(
            [("state", "=", "to_print"), ("letter_id", "=", False)],
            order="id",
            limit=BATCH_SIZE,
        )
        while waiting:
            for reminder, pdf in letters._make(waiting).items():
                reminder._keep_letter(pdf)
            if not self.env["ir.cron"]._commit_progress(len(waiting)):
                return
            waiting = waiting.search(
                [
                    ("state", "=", "to_print"),
                    ("letter_id", "=", False),
                    ("id", ">", waiting[-1].id),
                ],
                order="id",
                limit=BATCH_SIZE,
            )

    @api.model
    def _hand_over_letter(self, reminder):
        """Give a letter to whoever prints it, or to the postal service.

        :raises NotDelivered: it certainly was not accepted
        :raises Uncertain: it may have been
        """
        self._check_postal_address(reminder)
        if reminder.company_id.collection_letter_service == "snailmail":
            self._send_snailmail(reminder)
        else:
            self._hand_over_registered(reminder)

    @api.model
    def _hand_over_registered(self, reminder):
        self._check_postal_address(reminder)
        reminder._set_state("to_print", failure=False)

    @api.model
    def _check_postal_address(self, reminder):
        """:raises NotDelivered: nothing can be posted to this recipient"""
        recipient = reminder.recipient_id
        why = None
        if not recipient._has_collection_address():
            why = "letter_incomplete"
        elif recipient.collection_returned:
            why = "letter_returned"
        if why:
            raise NotDelivered(self.env["collection.reason"]._get_cause(why))

    # === POSTAL SERVICE === #

    @api.model
    def _send_snailmail(self, reminder):
        """Send a letter by Odoo's postal service, in this transaction: its queue never sees it."""
        try:
            [pdf] = self.env["collection.letter"]._make(reminder).values()
        except UserError as error:
            raise NotDelivered(str(error)) from error
        reminder._keep_letter(pdf)
        letter = self._create_snailmail(reminder)
        reminder._set_state(
            "sent",
            sent_at=fields.Datetime.now(),
            posted_on=reminder.company_id._collection_today(),
            mail_message_id=letter.message_id.id,
            failure=False,
        )
        self.env["collection.evidence"]._record(reminder, "sent", reminder._get_letter_facts())
        self._copy_colleagues(reminder, letter.message_id)
        # All that can fail for the database fails here, before anything leaves.
        self.env.flush_all()
        self._post_snailmail(letter)

    @api.model
    def _create_snailmail(self, reminder):
        company = reminder.company_id
        # Letters of the service are the company's; who lets one leave may own none of them.
        model = self.env["snailmail.letter"].sudo().with_company(company)
        letter = model.create(
            {
                "model": "collection.case",
                "res_id": reminder.case_id.id,
                "partner_id": reminder.recipient_id.id,
                "company_id": company.id,
                "user_id": reminder.case_id._get_responsible().id,
                "attachment_id": reminder.letter_id.id,
            }
        )
        if letter.cover:
            reminder.letter_id.raw = letter._append_cover_page(reminder.letter_id.raw)
        return letter

    @api.model
    def _post_snailmail(self, letter):
        """Hand one letter to the service, and tell what it refused from what it may have taken."""
        # Checks the address only: the service itself is called below, without its commit.
        letter._snailmail_print(immediate=False)
        if letter.state != "error":
            try:
                letter._snailmail_print_valid_address()
            except AccessError as error:
                words = self.env._("Postal service: %s", error)
                raise classify_service(error, words) from error
        if letter.state == "error":
            why = html2plaintext(letter.info_msg or "") or letter.error_code
            raise NotDelivered(self.env._("Postal service: %s", why))
