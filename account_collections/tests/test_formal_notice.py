import runpy
from pathlib import Path

from odoo import Command
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .common import TODAY
from .test_letters import LetterCommon
from .test_statement import read

MIGRATION = Path(__file__).parents[1] / "migrations" / "19.0.2.0.0" / "post-channels.py"

#: What only a business may be told.
BUSINESS = ("40", "L. 441-10", "recovery costs", "2011/7")


@tagged("post_install", "-at_install")
class TestFormalNotice(LetterCommon):
    """The wording that the law asks for, to whom it may be said, and how it leaves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notice = cls.scenario.level_ids.sorted("rank")[-1]
        cls.notice.write(
            {
                "channel": "registered",
                "template_id": cls.env.ref("account_collections.mail_template_formal_notice").id,
                "letter_template_id": cls.env.ref(
                    "account_collections.mail_template_formal_notice_letter"
                ).id,
                "other_channel_ids": [
                    Command.create({"joins": "else", "channel": "letter", "sequence": 1}),
                    Command.create({"joins": "else", "channel": "email", "sequence": 2}),
                ],
            }
        )
        (cls.scenario.level_ids - cls.notice).unlink()

    def _notice(self):
        self._invoice(self.customer, 1500, 50)
        self._invoice(self.customer, 250, 45)
        self._morning()
        return self._reminder(self.customer)

    def _text(self, reminder):
        return " ".join(html2plaintext(reminder.body).split())

    def test_to_a_business_by_registered_letter_once_approved(self):
        reminder = self._notice()
        self.assertEqual((reminder.channel, reminder.state), ("registered", "to_approve"))
        self.assertTrue(reminder.subject.startswith("FORMAL NOTICE TO PAY"))
        text = self._text(reminder)
        for words in (
            "formal notice (mise en demeure)",
            "1231 and 1344",
            "in principal within 8 days of receipt",
            "1,750.00",
            "L. 441-10",
            "EUR 40",
            "rate set by law",
            "Neither is included in the sum above",
            "competent court",
            *reminder.item_ids.mapped("move_name"),
        ):
            self.assertIn(words, text)
        self.assertNotIn("reply to this e-mail", text)
        due = [reminder._format_date(item.date_due) for item in reminder.item_ids]
        self.assertTrue(all(day in text for day in due))
        self.assertEqual(reminder.amount, 1750, "compensation and interest are only mentioned")
        self._noon()
        self.assertEqual(reminder.state, "to_approve")
        with self._at(f"{TODAY} 06:30:00"):
            reminder.with_user(self.manager).action_approve()
        self._noon()
        self.assertEqual(reminder.state, "to_print")
        [pdf] = self.env["collection.letter"]._make(reminder).values()
        self.assertIn("Registered letter", read(pdf)[0])

    def test_to_a_consumer_nothing_is_claimed_that_the_law_forbids(self):
        self.customer.write({"is_company": False, "company_registry": False, "vat": False})
        text = self._text(self._notice())
        for words in BUSINESS:
            self.assertNotIn(words, text)
        for words in ("1231-6 and 1344-1", "1231 and 1344", "No other cost or penalty"):
            self.assertIn(words, text)

    def _paper(self, reminder):
        """Return what is read on the printed letter, once it was approved and left."""
        with self._at(f"{TODAY} 06:30:00"):
            reminder.with_user(self.manager).action_approve()
        self._noon()
        self._print(reminder)
        return " ".join(read(reminder.letter_id.raw))

    def test_on_paper_in_french(self):
        self._speak_french()
        self.customer.write({"lang": "fr_FR", "ref": "C-1"})
        text = self._paper(self._notice())
        for words in (
            "Lettre recommandée avec accusé de réception",
            "Notre référence :",
            "Votre numéro de client : C-1",
            "MISE EN DEMEURE DE PAYER",
            "Nous vous mettons en demeure de nous payer",
            "8 jours à compter de la réception",
            "L. 441-10 du Code de commerce",
            "40 €",
            "dans ce délai, nous saisirons le tribunal compétent",
        ):
            self.assertIn(words, text)
        for english in ("Registered", "Our reference", "Your customer", "formal notice"):
            self.assertNotIn(english, text)

    def test_on_paper_to_an_authorising_officer(self):
        """No company's name before the subject, nor the addressee's twice: it is a letter."""
        self._speak_french()
        self.customer.lang = "fr_FR"
        template = self.env.ref("account_collections.mail_template_public_officer")
        self.notice.write(
            {"channel": "letter", "template_id": template.id, "letter_template_id": False,
             "other_channel_ids": [Command.clear()], "formal_notice": False}
        )  # fmt: skip
        reminder = self._notice()
        self.assertTrue(reminder.subject.startswith("demande de mandatement"), reminder.subject)
        text = self._paper(reminder)
        for words in ("À l'attention de l'ordonnateur", "L. 2192-10", "la présente demande"):
            self.assertIn(words, text)
        self.assertEqual(text.count(self.customer.name), 1, "in the address")
        self.assertNotIn("L. 441-10", text, "the law between businesses is not theirs")

    def test_the_time_to_pay_is_the_company_s(self):
        self.company.collection_notice_days = 15
        self.assertIn("within 15 days", self._text(self._notice()))

    def test_every_invoice_is_named_however_many_they_are(self):
        for number in range(55):
            self._invoice(self.customer, 100 + number, 50)
        text = self._text(self._notice())
        self.assertNotIn("more (see the attached statement)", text)
        reminder = self._reminder(self.customer)
        self.assertEqual(len(reminder.item_ids), 57)
        self.assertTrue(all(item.move_name in text for item in reminder.item_ids))

    def test_without_a_postal_address_by_email(self):
        self.customer.street = False
        reminder = self._notice()
        self.assertEqual((reminder.channel, reminder.state), ("email", "to_approve"))
        text = self._text(reminder)
        self.assertIn("Formal notice to pay To the attention of Dupont", text)
        self.assertIn("reply to this e-mail", text)

    def test_the_shipped_notices_need_approval_and_go_to_the_legal_representative(self):
        for name in ("premium", "small", "standard"):
            level = self.env.ref(f"account_collections.level_{name}_formal_notice")
            facts = level._get_facts()
            self.assertEqual(
                (facts.channel, facts.fallbacks, facts.role, facts.approval),
                ("registered", ("letter", "email"), "legal", True),
                name,
            )

    # === EXISTING DATABASES === #

    def _as_installed_before(self):
        levels = self.env["collection.level"]
        for name in ("level_standard_formal_notice", "level_small_second", "level_public_officer"):
            level = self.env.ref(f"account_collections.{name}")
            level.write(
                {"channel": "email", "other_channel_ids": [Command.clear()],
                 "letter_template_id": False}
            )
            levels |= level
        return levels

    def _migrate(self):
        step = runpy.run_path(str(MIGRATION))
        step["migrate"].__wrapped__(self.env, "19.0.1.0.0")

    def test_levels_as_they_were_shipped_get_their_channels(self):
        notice, second, officer = self._as_installed_before()
        self.env["collection.portfolio"].search([]).sudo().is_live = False
        self._migrate()
        self.assertEqual(notice.channel_summary, "Registered letter, else Letter, else E-mail")
        self.assertEqual(second.channel_summary, "E-mail, else Letter, and SMS")
        self.assertEqual(officer.channel_summary, "Letter, else E-mail")
        self._migrate()
        self.assertEqual(len(notice.other_channel_ids), 2, "twice is once")

    def test_what_is_live_gets_no_surprise(self):
        notice, second, officer = self._as_installed_before()
        self._migrate()
        for level in (notice, second, officer):
            self.assertEqual(level.channel_summary, "E-mail, else Letter")

    def test_what_a_person_changed_stays(self):
        notice, second, officer = self._as_installed_before()
        notice.template_id = self.template
        second.channel = "task"
        officer.other_channel_ids = [Command.create({"joins": "and", "channel": "call"})]
        self._migrate()
        self.assertEqual(notice.channel_summary, "E-mail")
        self.assertEqual(second.channel_summary, "Task for a person")
        self.assertEqual(officer.channel_summary, "E-mail, and Phone call")
