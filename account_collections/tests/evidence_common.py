import json
from email.message import EmailMessage

from odoo import Command
from odoo.tests import new_test_user
from odoo.tools import SQL, mute_logger

from .common import CollectionCommon

CHECK_LOGGER = "odoo.addons.account_collections.models.collection_chain_check"


class EvidenceCommon(CollectionCommon):
    """Reminders that left, one with a document, and the means to harm what they left behind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = new_test_user(
            cls.env,
            "auditor of evidence",
            "account_collections.group_collection_readonly",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.admin = new_test_user(
            cls.env,
            "administrator of evidence",
            "account_collections.group_collection_admin",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.stranger = new_test_user(
            cls.env,
            "auditor elsewhere",
            "account_collections.group_collection_admin,"
            "account_collections.group_collection_readonly",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )
        cls.invoice = cls._invoice(cls.customer, 100, overdue=10)

    @classmethod
    def _sent(cls, partner=None):
        """Remind a customer with a document; return the reminder."""
        partner = partner or cls.customer
        cls._morning()
        reminder = cls._reminder(partner)
        reminder.attachment_ids = cls.env["ir.attachment"].create(
            {
                "name": "statement.txt",
                "raw": b"You owe 100",
                "res_model": reminder._name,
                "res_id": reminder.id,
            }
        )
        cls._noon()
        assert reminder.state == "sent", reminder.state
        return reminder

    @classmethod
    def _answer(cls, reminder, sender, body="We pay"):
        """Bring in a customer's answer with a document, as the mail gateway does; return it."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender.email, "us@company.example", "Paid"
        mail["Message-ID"] = "<1@customer.example>"
        mail["In-Reply-To"] = mail["References"] = reminder.message_id
        mail.set_content(body)
        mail.add_attachment(b"paid", maintype="text", subtype="plain", filename="order.txt")
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            cls.env["mail.thread"].sudo().message_process(False, mail.as_string())
        cls.env.invalidate_all()
        return cls.env["mail.message"].search([("message_id", "=", mail["Message-ID"])])

    def _events(self, record=None, event=None):
        domain = [("company_id", "=", self.company.id)]
        if record is not None:
            name = "case_id" if record._name == "collection.case" else "reminder_id"
            domain.append((name, "in", record.ids))
        if event:
            domain.append(("event", "=", event))
        return self.env["collection.evidence"].search(domain, order="id")

    @classmethod
    def _seal(cls, company=None):
        """Seal as the scheduled action does; return the chain."""
        with cls.committing() as env:
            env["collection.chain"]._seal(env["res.company"].browse((company or cls.company).id))
        return cls.env["collection.chain"]._get(company or cls.company)

    def _verify(self, company=None):
        """Verify as the scheduled action does; return the check."""
        head = self.env["collection.chain"]._get(company or self.company)
        check = self.env["collection.chain.check"].sudo().create(
            {"chain_id": head.id, "user_id": self.env.uid}
        )
        with self.committing() as env:
            env["collection.chain.check"].browse(check.id)._verify()
        return check

    @classmethod
    def _sql(cls, query, *args):
        """Change the database behind Odoo's back."""
        cls.env.flush_all()
        cls.env.cr.execute(SQL(query, *args))
        cls.env.invalidate_all()

    def _assert_sound(self):
        check = self._verify()
        self.assertEqual((check.outcome, check.first_problem), ("sound", False))
        return check

    def _assert_named(self, kind, event=None, text=None):
        """Verify: the first problem is of that kind, at that event, and says so."""
        check = self._verify()
        self.assertEqual(check.outcome, "broken", json.dumps(check.problems))
        first = check.problems[0]
        self.assertEqual(first["kind"], kind, check.first_problem)
        if event:
            self.assertEqual(first["sequence"], event.sequence, check.first_problem)
        if text:
            self.assertIn(text, check.first_problem)
        return check
