from odoo import Command
from odoo.exceptions import ValidationError

from .common import TODAY, CollectionCommon


class TestChannels(CollectionCommon):
    """A level by several channels: one after the other, or beside each other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.phone = "+33 1 99 00 12 34"  # a call needs a number
        cls.first = cls.scenario.level_ids.sorted("rank")[0]
        # nobody is called without a number
        france = cls.env.ref("base.fr").id
        cls.customer.write({"phone": "01 44 55 66 77", "country_id": france})

    @classmethod
    def _other(cls, joins, *channels):
        cls.first.other_channel_ids = [
            Command.create({"joins": joins, "channel": channel}) for channel in channels
        ]

    def test_a_level_tells_its_channels_in_words_and_to_the_engine(self):
        self._other("and", "call")
        self._other("else", "task")
        self.assertEqual(
            self.first.channel_summary, "E-mail, else Task for a person, and Phone call"
        )
        facts = self.first._get_facts()
        self.assertEqual(
            (facts.channel, facts.fallbacks, facts.beside), ("email", ("task",), ("call",))
        )

    def test_the_scenarios_that_are_shipped(self):
        """Day, channels, from which amount, approval, and what makes them particular."""
        legal, director, finance = "legal", "director", "finance"
        notice = "Registered letter, else Letter, else E-mail"
        posted, texted = "E-mail, else Letter", "E-mail, else Letter, and SMS"
        task, call = "Task for a person", "Phone call"
        ladders = {
            "standard": [
                (-5, "E-mail", 5000, False, "invoice", False),
                (3, "E-mail", 0, False, "invoice", False),
                (10, "E-mail", 0, False, "invoice", False),
                (17, texted, 0, False, "invoice", False),
                (17, call, 1000, False, "invoice", False),
                (28, posted, 0, False, finance, True),
                (40, notice, 0, True, legal, False),
                (50, task, 0, False, "invoice", False),
            ],
            "premium": [
                (12, "E-mail", 0, False, "salesperson", False),
                (15, "E-mail", 0, False, "invoice", False),
                (22, call, 0, False, "invoice", False),
                (32, posted, 0, True, "invoice", True),
                (43, notice, 0, True, legal, False),
                (50, task, 0, False, "invoice", False),
            ],
            "small": [
                (5, "E-mail", 0, False, "invoice", False),
                (12, texted, 0, False, "invoice", False),
                (20, posted, 0, False, director, False),
                (30, notice, 0, True, legal, False),
                (45, task, 0, False, "invoice", False),
            ],
            "public": [
                (-10, task, 0, False, "invoice", False),
                (5, "E-mail", 0, False, "invoice", False),
                (15, call, 0, False, "invoice", False),
                (30, "Letter, else E-mail", 0, True, director, False),
                (60, task, 0, False, "invoice", False),
            ],
        }
        for name, ladder in ladders.items():
            scenario = self.env.ref(f"account_collections.scenario_{name}")
            levels = scenario.level_ids.filtered(lambda one: one.trigger != "after_payment")
            levels = levels.sorted("rank")
            self.assertEqual(
                [
                    (one.delay, one.channel_summary, one.min_amount, one.approval,
                     one.recipient_role, one.copy_salesperson)
                    for one in levels
                ],
                ladder,
            )  # fmt: skip
            # No level is put off beyond its day by the days that lie between it and another.
            days = [one for one in levels if one.trigger == "overdue"]
            for before, after in zip(days, days[1:]):
                if before.recipient_role != "salesperson" and before.delay != after.delay:
                    self.assertLessEqual(after.min_days, after.delay - before.delay, after.name)
        self.assertEqual(self.env.ref("account_collections.scenario_small").max_outstanding, 1500)

    def test_an_email_among_the_other_channels_needs_a_template(self):
        level = self.scenario.level_ids.create(
            {
                "name": "Call",
                "scenario_id": self.scenario.id,
                "rank": 35,
                "delay": 15,
                "channel": "call",
            }
        )
        with self.assertRaisesRegex(ValidationError, "choose its template"):
            level.other_channel_ids = [Command.create({"joins": "else", "channel": "email"})]

    def test_a_reminder_each_and_ranks_once(self):
        """The call beside the e-mail is made, though the e-mail took the item to its level."""
        self._other("and", "call")
        invoice = self._invoice(self.customer, 500, 20)
        self._morning()
        case = self._case(self.customer)
        reminders = case.reminder_ids.sorted("is_beside")
        self.assertEqual(
            [(one.channel, one.is_beside, one.item_ids.move_id) for one in reminders],
            [("email", False, invoice), ("call", True, invoice)],
        )
        self._noon()
        self.assertEqual(reminders.mapped("state"), ["sent", "to_do"])
        facts, made = self._decided(self.customer)
        self.assertEqual([one.rank for one in facts.items], [20])
        self.assertEqual(made.reason, "too_soon")

    def test_what_leaves_beside_a_call(self):
        """The items are with a person who calls: the e-mail beside leaves all the same."""
        self.first.channel = "call"
        self._other("and", "email")
        self._invoice(self.customer, 500, 20)
        self._morning()
        call, email = self._case(self.customer).reminder_ids.sorted("is_beside")
        email.depart_at = f"{TODAY} 13:00:00"
        self._noon()
        self.assertEqual((call.state, email.state), ("to_do", "scheduled"))
        self._depart(f"{TODAY} 14:00:00")
        self.assertEqual((call.state, email.state), ("to_do", "sent"))

    def test_two_customers_without_contacts_are_not_mixed_up(self):
        for partner in (self.customer, self.other_customer):
            self._invoice(partner, 500, 20)
        self._morning()
        for partner in (self.customer, self.other_customer):
            self.assertEqual(self._reminder(partner).recipient_id, partner)

    def test_what_leaves_beside_counts_for_nothing_by_itself(self):
        self._other("and", "call")
        self._invoice(self.customer, 500, 20)
        self._morning()
        email, call = self._case(self.customer).reminder_ids.sorted("is_beside")
        email.action_withdraw()
        call.sudo()._set_state("sending")
        call.sudo()._set_state("sent", sent_at="2026-03-18 12:00:00")
        facts, made = self._decided(self.customer)
        self.assertEqual([one.rank for one in facts.items], [0])
        self.assertFalse(facts.last_contact)
        self.assertEqual((made.outcome, made.level.rank), ("remind", 20))

    def test_a_failure_beside_a_message_holds_up_nothing(self):
        self._other("and", "call")
        self._invoice(self.customer, 500, 20)
        self._morning()
        email, call = self._case(self.customer).reminder_ids.sorted("is_beside")
        call.sudo()._set_state("failed", failure="Out of order")
        facts, _made = self._decided(self.customer)
        self.assertFalse(facts.stuck)
        email.sudo()._set_state("failed", failure="Out of order")
        facts, _made = self._decided(self.customer)
        self.assertEqual(facts.stuck, "failed")

    def test_a_channel_that_closed_before_departure(self):
        """The address went between run and departure: the e-mail does not leave."""
        self._other("else", "call")
        self._invoice(self.customer, 500, 20)
        self._morning()
        self.customer.email = False
        self._noon()
        reminder = self._reminder(self.customer)
        self.assertEqual((reminder.state, reminder.end_reason), ("cancelled", "other_channel"))
        facts, made = self._decided(self.customer)
        self.assertEqual((made.outcome, made.channel), ("remind", "call"))

    def test_applying_twice_creates_one_reminder_a_channel(self):
        self._other("and", "call")
        self._invoice(self.customer, 500, 20)
        self._morning()
        facts, _made = self._decided(self.customer)
        facts.pending = None
        again = self.env["collection.run"]._decide_one(
            facts, TODAY, self.env["collection.run"]._get_guards()
        )
        self.assertEqual(again.channels, ("email", "call"))
        self.env["collection.apply"].sudo()._apply({facts.key: facts}, {facts.key: again}, TODAY)
        self.assertEqual(len(self._case(self.customer).reminder_ids), 2)
