from odoo.addons.mail.tests.common import MockEmail
from odoo.tools import mute_logger

from .common import CollectionCommon

MAIL = """From: {sender}
To: {to}
Subject: {subject}
Message-ID: <{message_id}>
{headers}Content-Type: text/plain; charset=utf-8

{text}
"""


class GatewayCommon(CollectionCommon, MockEmail):
    """A company with a collections address, and mail that comes in through Odoo's gateway."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.env["mail.alias.domain"].create(
            {"name": "collections.example", "company_ids": [(4, cls.company.id)]}
        )
        cls.company.alias_domain_id = domain
        cls.company.collection_alias_id.sudo().write(
            {"alias_domain_id": domain.id, "alias_name": "dunning"}
        )
        cls.address = "dunning@collections.example"
        cls.received = 0

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def _receive(
        self, sender, references=None, subject="About my invoices", text="", to=None, **headers
    ):
        """Bring a mail in; headers are named with underscores."""
        type(self).received += 1
        if references:
            headers = {"In_Reply_To": references, "References": references, **headers}
        mail = MAIL.format(
            sender=sender,
            to=to or self.address,
            subject=subject,
            message_id=f"{self.received}@elsewhere.example",
            headers="".join(f"{k.replace('_', '-')}: {v}\n" for k, v in headers.items()),
            text=text or "We will pay on Friday.",
        )
        self.env["mail.thread"].sudo().message_process(False, mail)
        self.env.invalidate_all()

    def _events(self, case):
        return self.env["collection.evidence"].search([("case_id", "=", case.id)]).mapped("event")

    def _todo(self, user, kind):
        self.env.flush_all()
        return self.env["collection.todo"].with_user(user).search([("kind", "=", kind)])
