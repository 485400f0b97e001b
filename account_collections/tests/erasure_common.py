from .common import TODAY
from .evidence_common import EvidenceCommon

#: The noon of a day just before, and just after, five years from the payment.
BEFORE = "2031-03-18 12:00:00"
AFTER = "2031-03-19 12:00:00"


class ErasureCommon(EvidenceCommon):
    """A customer, a contact, and what is known of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["res.partner"].create(
            {
                "name": "Anne Petit",
                "email": "anne@customer.example",
                "parent_id": cls.customer.id,
                "type": "invoice",
            }
        )

    @classmethod
    def _settled(cls, before_payment=None):
        """Remind, get an answer and the money, all on one day long ago; return the reminder."""
        with cls._at(f"{TODAY} 05:00:00"):
            cls._sync_cases()
            cls.env.flush_all()
        cls._sql("UPDATE collection_case SET create_date = %s", TODAY)
        reminder = cls._sent()
        with cls._at(f"{TODAY} 13:00:00"):
            cls._answer(reminder, cls.contact, "We pay, Anne Petit")
            if before_payment:
                before_payment(reminder.case_id)
            cls._pay(cls.invoice)
        cls._seal()
        cls._sql("UPDATE collection_evidence SET happened_at = %s", f"{TODAY} 12:00:00")
        cls._reseal()
        return reminder

    @classmethod
    def _reseal(cls):
        """The clock of the database was not frozen: make the chain of events as they now are."""
        cls._sql(
            "UPDATE collection_evidence SET sequence = NULL WHERE company_id = %s", cls.company.id
        )
        cls._sql(
            "UPDATE collection_chain SET sequence = 0, seal = %s WHERE company_id = %s",
            "0" * 64,
            cls.company.id,
        )
        cls._seal()

    def _activate(self, years=5):
        self.company.write(
            {"collection_retention": True, "collection_retention_years": years}
        )

    def _job(self, now):
        with self.committing() as env, self._at(now):
            env["collection.erasure"]._cron_erase()

    def _erase(self, partner, user=None, **options):
        data = self.env["collection.personal.data"].with_user(user or self.admin)
        data._erase(partner.with_user(user or self.admin), **options)
        self.env.invalidate_all()

    def _due(self, now):
        with self._at(now):
            return self.env["collection.erasure"]._get_due(self.company)

    def _personal_texts(self, case):
        """Everything in our tables and in messages that still names somebody."""
        found = []
        for table, columns in (
            ("collection_evidence", "facts::text"),
            ("collection_reminder", "concat(subject, body, failure)"),
            ("mail_message", "concat(subject, body, email_from, reply_to)"),
            ("mail_mail", "concat(body_html, email_to, email_cc, headers)"),
        ):
            condition = {
                "mail_message": "model = 'collection.case' AND res_id = %s",
                "mail_mail": "mail_message_id IN (SELECT id FROM mail_message"
                " WHERE model = 'collection.case' AND res_id = %s)",
            }.get(table, "case_id = %s")
            self.env.flush_all()
            self.env.cr.execute(f"SELECT {columns} FROM {table} WHERE {condition}", (case.id,))
            found += [text for (text,) in self.env.cr.fetchall() if text]
        text = " ".join(found)
        return [one for one in ("Anne", "anne@", "Dupont", "dupont", "You owe") if one in text]

    def _file(self, case):
        """File a remittance advice on a case by hand; no message brought it."""
        document = self.env["ir.attachment"].create(
            {"name": "Anne.csv", "raw": b"Anne", "res_model": case._name, "res_id": case.id}
        )
        document.action_collection_remittance()
