from odoo.addons.account_collections.models.phone_check import check_mobile
from odoo.tests import tagged

from .common import CollectionCommon

ADDRESS = {"street": "1 rue de la Paix", "zip": "75002", "city": "Paris"}


class ReachCommon(CollectionCommon):
    """Customers of whom everything is known: e-mail, mobile and postal address, in France."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.france = cls.env.ref("base.fr")
        cls.customer.write({**ADDRESS, "country_id": cls.france.id, "phone": "06 12 34 56 78"})
        cls.first = cls.scenario.level_ids.sorted("rank")[0]

    @classmethod
    def _contact(cls, name, role=False, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "parent_id": cls.customer.id,
                "collection_role": role,
                "email": f"{name.lower()}@customer.example",
                **values,
            }
        )

    def _reach(self):
        """Return (reachable, unreachable) of the customer's case."""
        if not self._case(self.customer):
            self._invoice(self.customer, 500, 20)
        facts, _made = self._decided(self.customer)
        return facts.reachable, facts.unreachable


@tagged("post_install", "-at_install")
class TestRecipients(ReachCommon):
    """Who receives what, by role and channel."""

    def test_each_role_finds_its_contact_and_who_stands_in(self):
        reachable, _none = self._reach()
        roles = ("invoice", "buyer", "ordering", "finance", "director", "legal")
        for role in roles:
            self.assertEqual(reachable["email", role], self.customer.id, role)
        address = self._contact("Address", type="invoice")
        payables = self._contact("Payables", "invoice")
        buyer, legal = self._contact("Buyer", "buyer"), self._contact("Legal", "legal")
        reachable, _none = self._reach()
        found = {role: reachable["email", role] for role in roles}
        self.assertEqual(
            found,
            {
                "invoice": payables.id,
                "buyer": buyer.id,
                "ordering": buyer.id,
                "finance": payables.id,
                "director": legal.id,
                "legal": legal.id,
            },
        )
        payables.email = False
        reachable, _none = self._reach()
        self.assertEqual(reachable["email", "finance"], address.id)
        director = self._contact("Director", "director")
        ordering = self._contact("Ordering", "ordering")
        reachable, _none = self._reach()
        self.assertEqual(reachable["email", "director"], director.id)
        self.assertEqual(reachable["email", "legal"], legal.id)
        self.assertEqual(reachable["email", "ordering"], ordering.id)

    def test_the_salesperson_is_reached_by_mail_only(self):
        self.customer.user_id = self.manager
        reachable, _none = self._reach()
        self.assertEqual(reachable["email", "salesperson"], self.manager.partner_id.id)
        self.assertNotIn(("letter", "salesperson"), reachable)

    def test_each_channel_looks_for_its_own_address(self):
        self.customer.write({"email": False, "phone": False})
        director = self._contact("Director", "director", phone="+33612345679", email=False)
        reachable, unreachable = self._reach()
        self.assertEqual(reachable["letter", "invoice"], self.customer.id)
        self.assertEqual(reachable["registered", "invoice"], self.customer.id)
        self.assertEqual(reachable["sms", "director"], director.id)
        self.assertEqual(unreachable["email", "invoice"], "no_email")
        self.assertEqual(unreachable["sms", "invoice"], "sms_missing")
        # a contact of the company has the company's address
        self.assertEqual(reachable["letter", "director"], director.id)

    def test_why_there_is_no_sms(self):
        for phone, why in (
            ("01 44 55 66 77", "sms_landline"),
            ("+49 1512 3456789", "sms_foreign"),
            ("06 12 34 56 78 ext. 3", "sms_extension"),
            ("06 12", "sms_invalid"),
            ("by the door", "sms_invalid"),
            ("<script>alert(1)</script>", "sms_invalid"),
        ):
            self.customer.phone = phone
            reachable, unreachable = self._reach()
            self.assertNotIn(("sms", "invoice"), reachable, phone)
            self.assertEqual(unreachable["sms", "invoice"], why, phone)
        self.customer.phone = "06 12 34 56 78"
        self.env["phone.blacklist"].create({"number": "+33612345678"})
        _found, unreachable = self._reach()
        self.assertEqual(unreachable["sms", "invoice"], "sms_blacklisted")
        self.env["phone.blacklist"].search([]).action_archive()
        reachable, _none = self._reach()
        self.assertEqual(reachable["sms", "invoice"], self.customer.id)

    def test_the_country_of_a_number(self):
        """The contact's, else its company's, else ours; a code of either is theirs."""
        # of a kind that keeps an address of its own
        child = self._contact("Child", phone="06 12 34 56 78", type="other")
        self.assertEqual(child.collection_mobile, "+33612345678")
        child.country_id = self.env.ref("base.be")
        self.assertEqual(child.collection_phone_problem, "invalid", "no Belgian number")
        child.phone = "+33 6 12 34 56 78"
        self.assertEqual(child.collection_mobile, "+33612345678", "its company is French")
        self.customer.country_id = self.env.ref("base.be")
        self.assertEqual(child.collection_phone_problem, "foreign")
        # where a mobile cannot be told from a landline, it may be one
        self.assertEqual(check_mobile("(212) 736-5000", ["US"]), ("+12127365000", None))
        self.assertEqual(check_mobile("(000) 736-5000", ["US"]), (None, "invalid"))

    def test_an_incomplete_postal_address(self):
        for field in ("street", "city", "zip", "country_id"):
            kept = self.customer[field]
            self.customer[field] = False
            _found, unreachable = self._reach()
            self.assertEqual(unreachable["letter", "invoice"], "letter_incomplete", field)
            self.assertFalse(self.customer._has_collection_address())
            self.customer[field] = kept
        self.customer.write({"zip": False, "country_id": self.env.ref("base.hk").id})
        self.assertFalse(self.customer.country_id.zip_required)
        reachable, _none = self._reach()
        self.assertIn(("letter", "invoice"), reachable, "no ZIP there")
        self.assertTrue(self.customer._has_collection_address())

    def test_what_failed_is_unusable_until_it_changes(self):
        twin = self._contact("Twin", "finance", email=self.customer.email.upper())
        changes = {
            "email": ("email", "new@customer.example", "email_bounced"),
            "sms": ("phone", "+33 6 98 76 54 32", "sms_refused"),
            "letter": ("street", "2 rue de la Paix", "letter_returned"),
        }
        for channel, (field, value, why) in changes.items():
            self.customer._set_collection_unusable(channel)
            _found, unreachable = self._reach()
            self.assertEqual(unreachable[channel, "director"], why)
            self.customer[field] = value
            reachable, _none = self._reach()
            self.assertEqual(reachable[channel, "director"], self.customer.id)
        self.assertTrue(twin.collection_bounced, "the same address")

    def test_a_person_knows_better(self):
        self.customer._set_collection_unusable("email")
        self.assertTrue(self.customer.collection_bounced)
        self.customer.action_collection_usable()
        self.assertFalse(self.customer.collection_bounced)
        self.assertIn(("email", "invoice"), self._reach()[0])

    def test_the_right_person_s_bounce_passes_to_who_stands_in(self):
        payables = self._contact("Payables", "invoice")
        payables._set_collection_unusable("email")
        reachable, _none = self._reach()
        self.assertEqual(reachable["email", "invoice"], self.customer.id)

    def test_the_language_is_the_recipient_s_else_the_customer_s_else_ours(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["res.lang"]._activate_lang("de_DE")
        self._invoice(self.customer, 500, 20)
        self._morning()
        reminder = self._reminder(self.customer)
        self.company.partner_id.lang = "en_US"
        for recipient, customer, expected in (
            ("fr_FR", "de_DE", "fr_FR"),
            (False, "de_DE", "de_DE"),
            (False, False, "en_US"),
        ):
            contact = self._contact("Anne")
            reminder.sudo().recipient_id = contact
            contact.lang, self.customer.lang = recipient, customer
            self.assertEqual(reminder.lang, expected)

    def test_the_trace_tells_in_words_why_a_channel_was_passed_over(self):
        self.customer.write({"email": False, "phone": "01 44 55 66 77"})
        self.first.other_channel_ids = [
            (0, 0, {"joins": "else", "channel": "sms", "sequence": 1}),
            (0, 0, {"joins": "else", "channel": "letter", "sequence": 2}),
        ]
        self._invoice(self.customer, 500, 20)
        self._morning()
        case = self._case(self.customer)
        self.assertEqual(self._reminder(self.customer).channel, "letter")
        why = case.decision_id.why
        self.assertIn("E-mail: the recipient has no e-mail address.", why)
        self.assertIn("SMS: the recipient&#39;s phone number is not a mobile.", why)
