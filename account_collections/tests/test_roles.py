from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)

#: Models of ours whose rows belong to a company, and a user may look for.
COMPANY_MODELS = (
    "collection.call",
    "collection.case",
    "collection.chain",
    "collection.chain.check",
    "collection.debtor",
    "collection.decision",
    "collection.defect",
    "collection.evidence",
    "collection.hold",
    "collection.item",
    "collection.portfolio",
    "collection.reminder",
    "collection.reminder.item",
    "collection.run",
    "collection.todo",
)

#: Models of ours that nobody without a role reads.
OUR_MODELS = (*COMPANY_MODELS, "collection.level", "collection.scenario", "collection.substitution")


@tagged("post_install", "-at_install")
class TestRoles(CollectionCommon):
    """What each role sees and does, tried as the user and as a program would."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._user("colleague", "account_collections.group_collection_user")
        cls.reader = cls._user("reader", "account_collections.group_collection_readonly")
        cls.accountant = cls._user("books", "account.group_account_invoice")
        cls.portal = new_test_user(cls.env, "visitor", "base.group_portal")
        cls.third_customer = cls._customer("Petit")
        for customer in (cls.customer, cls.other_customer, cls.third_customer):
            cls._invoice(customer, 100, overdue=10)
        cls._morning()
        cls.mine = cls._case(cls.customer)
        cls.theirs = cls._case(cls.other_customer)
        cls.nobodys = cls._case(cls.third_customer)
        cls.theirs.user_id = cls.colleague
        cls.nobodys.user_id = False
        cls.env.flush_all()

    def _visible(self, user, model="collection.case"):
        return self.env[model].with_user(user).search([])

    def _substitution(self, first, last, **values):
        today = fields.Date.today()
        return self.env["collection.substitution"].create(
            {
                "user_id": self.colleague.id,
                "substitute_id": self.owner.id,
                "date_from": today + timedelta(days=first),
                "date_to": today + timedelta(days=last),
                **values,
            }
        )

    # === WHO SEES WHAT === #

    def test_a_collector_sees_own_and_unassigned_cases(self):
        self.assertEqual(self._visible(self.owner), self.mine | self.nobodys)
        for model in ("collection.reminder", "collection.decision", "collection.item"):
            cases = self._visible(self.owner, model).case_id
            self.assertEqual(cases, self.mine | self.nobodys, model)
        with self.assertRaises(AccessError):
            self.theirs.with_user(self.owner).read(["overdue"])

    def test_cases_of_a_user_who_left_are_seen(self):
        self.colleague.active = False
        self.assertIn(self.theirs, self._visible(self.owner))

    def test_manager_and_reader_see_all(self):
        for user in (self.manager, self.reader):
            self.assertEqual(self._visible(user), self.mine | self.theirs | self.nobodys)

    def test_a_substitute_sees_and_does_what_the_owner_does(self):
        self._substitution(0, 0)
        self.assertIn(self.theirs, self._visible(self.owner))
        self.assertIn(
            self.theirs, self._visible(self.owner, "collection.todo").case_id | self.theirs
        )
        theirs = self.theirs.with_user(self.owner)
        theirs.do_not_contact = True
        theirs.reminder_ids.action_withdraw()
        self.assertEqual(self.theirs.reminder_ids.state, "withdrawn")
        self.assertEqual(len(self._visible(self.owner)), 3)

    def test_dates_of_a_substitution_are_honoured_day_by_day(self):
        """The rules of a user are cached; the dates in them are not."""
        self._substitution(2, 3)
        start = fields.Date.today()
        seen = {}
        for offset in (0, 1, 2, 3, 4):
            with self._at(f"{start + timedelta(days=offset)} 12:00:00"):
                self.env.invalidate_all()
                seen[offset] = self.theirs in self._visible(self.owner)
        self.assertEqual(seen, {0: False, 1: False, 2: True, 3: True, 4: False})

    def test_a_collector_arranges_no_other_absence(self):
        own = self.env["collection.substitution"].with_user(self.colleague)
        day = fields.Date.today()
        dates = {"date_from": day, "date_to": day}
        own.create({"user_id": self.colleague.id, "substitute_id": self.owner.id, **dates})
        intruder = self.env["collection.substitution"].with_user(self.owner)
        with self.assertRaises(AccessError):
            intruder.create({"user_id": self.colleague.id, "substitute_id": self.owner.id, **dates})
        mine = intruder.create(
            {"user_id": self.owner.id, "substitute_id": self.colleague.id, **dates}
        )
        with self.assertRaises(AccessError):
            mine.write({"user_id": self.colleague.id, "substitute_id": self.owner.id})

    # === READ-ONLY, NO ROLE, PORTAL === #

    def test_read_only_changes_nothing(self):
        case, reminder = self.mine.with_user(self.reader), self.mine.reminder_ids
        reminder = reminder.with_user(self.reader)
        self.assertTrue(case.read(["overdue", "decision_sentence"]))
        self.assertTrue(case.decision_id.why)
        attempts = [
            lambda: case.write({"do_not_contact": True}),
            lambda: case.message_post(body="To the customer", message_type="comment"),
            lambda: case.action_set_legal(),
            lambda: case.action_decide_again(),
            lambda: case.action_answered(),
            lambda: case.action_lift_hold(),
            lambda: case.create({"partner_id": self.owner.partner_id.id}),
            lambda: reminder.action_withdraw(),
            lambda: reminder.action_approve(),
            lambda: reminder.action_send_now(),
            lambda: reminder.action_send_again(),
            lambda: reminder.action_mark_sent(),
            lambda: reminder.write({"subject": "x"}),
            lambda: self.portfolio.with_user(self.reader).action_simulate(),
            lambda: self.scenario.with_user(self.reader).write({"threshold": 0}),
            lambda: self.env["collection.run"].with_user(self.reader).action_run_now(),
            lambda: (
                self.env["collection.pause"]
                .with_user(self.reader)
                .create({"case_ids": case.ids, "reason": "other"})
            ),
            lambda: self.env["collection.go.live"].with_user(self.reader).create({}),
        ]
        self._all_refused(attempts)
        self.assertEqual(self.mine.reminder_ids.state, "scheduled")

    def test_an_accountant_sees_the_situation_and_no_case(self):
        customer = self.customer.with_user(self.accountant)
        self.assertIn("100.00", customer.collection_situation)
        self.assertIn("Test", customer.collection_situation)
        stranger = self._customer("Nouveau").with_user(self.accountant)
        self.assertFalse(stranger.collection_situation, "nothing to say of whoever has no case")
        invoice = self.env["account.move"].search(
            [("partner_id", "=", self.customer.id), ("state", "=", "posted")], limit=1
        )
        self.assertIn("100.00", invoice.with_user(self.accountant).collection_situation)
        self._reads_nothing(self.accountant)

    def test_portal_and_public_see_nothing(self):
        for user in (self.portal, self.env.ref("base.public_user")):
            self._reads_nothing(user)
            with self.assertRaises(AccessError):
                self.env["collection.run"].with_user(user).action_run_now()
            with self.assertRaises(AccessError):
                self.customer.with_user(user).read(["collection_situation"])

    @mute_logger("odoo.addons.base.models.ir_model")
    def _reads_nothing(self, user):
        for model in OUR_MODELS:
            with self.subTest(user=user.id, model=model), self.assertRaises(AccessError):
                self.env[model].with_user(user).search([], limit=1)

    # === OTHER COMPANIES === #

    def test_another_company_is_out_of_reach(self):
        """Even for a credit manager; for every model with a company."""
        other = self._create_company(name="Elsewhere")
        foreigner = new_test_user(
            self.env,
            "foreign",
            "account_collections.group_collection_admin",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.mine.user_id = foreigner
        self.env["collection.hold"].create(
            {"case_id": self.mine.id, "reason": "other", "date_end": fields.Date.today()}
        )
        self.mine.reminder_ids.sudo().state = "failed"
        self.env["collection.call"]._note(self.mine, result="reached")
        self.env.flush_all()
        head = self.env["collection.chain"]._get(self.company)
        self.env["collection.chain.check"].sudo().create({"chain_id": head.id})
        for model in COMPANY_MODELS:
            with self.subTest(model=model):
                ours = self.env[model].sudo().search([("company_id", "=", self.company.id)])
                self.assertTrue(ours or model == "collection.defect", "nothing to look for")
                self.assertFalse(self.env[model].with_user(foreigner).search([]) & ours)
                if ours:
                    with self.assertRaises(AccessError):
                        ours.with_user(foreigner).read(["display_name"])
        self._all_refused(
            [
                lambda: self.mine.with_user(foreigner).write({"do_not_contact": True}),
                lambda: self.mine.with_user(foreigner).action_decide_again(),
                lambda: self.mine.reminder_ids.with_user(foreigner).action_send_again(),
                lambda: self.portfolio.with_user(foreigner).action_simulate(),
                lambda: (
                    self.env["collection.hold"]
                    .with_user(foreigner)
                    .create(
                        {
                            "case_id": self.mine.id,
                            "reason": "other",
                            "date_end": fields.Date.today(),
                        }
                    )
                ),
                lambda: (
                    self.env["collection.case"]
                    .with_user(foreigner)
                    .create({"company_id": self.company.id, "partner_id": self.owner.partner_id.id})
                ),
            ]
        )

    def test_go_live_stays_in_the_user_s_companies(self):
        other = self._create_company(name="Elsewhere")
        other.collection_daily_cap = 7
        wizard = (
            self.env["collection.go.live"]
            .with_user(self.manager)
            .create({"company_id": other.id, "daily_cap": 1, "portfolio_ids": self.portfolio.ids})
        )
        self._all_refused([wizard.action_activate, wizard.action_set_standing])
        self.assertEqual(other.collection_daily_cap, 7)

    # === ATTACKS BY RPC === #

    def test_states_and_figures_are_not_written(self):
        case = self.mine.with_user(self.manager)
        reminder = case.reminder_ids
        attempts = [
            lambda values=values: reminder.write(values)
            for values in (
                {"state": "sent"},
                {"is_prepared": True},
                {"claimed_at": fields.Datetime.now()},
                {"case_id": self.theirs.id},
                {"amount": 1},
                {"item_ids": [Command.clear()]},
                {"subject": "x", "message_id": "<x@y>"},
            )
        ]
        attempts += [
            lambda values=values: case.write(values)
            for values in (
                {"state": "closed"},
                {"overdue": 0},
                {"decision_id": False},
                {"partner_id": self.third_customer.id},
                {"company_id": self.env.company.id},
                {"next_date": TODAY},
                {"reminder_ids": [Command.clear()]},
                {"decision_ids": [Command.create({"date_from": TODAY})]},
            )
        ]
        self._all_refused(attempts)

    def test_context_keys_switch_nothing_off(self):
        context = {"active_test": False, "su": True, "force_write": True, "install_mode": True}
        reminder = self.mine.reminder_ids.with_user(self.manager).with_context(**context)
        case = self.mine.with_user(self.manager).with_context(**context, default_state="legal")
        self._all_refused(
            [
                lambda: reminder.write({"state": "sent"}),
                lambda: case.write({"overdue": 0}),
                lambda: case.create({"partner_id": self.owner.partner_id.id, "state": "legal"}),
            ]
        )
        made = case.create({"partner_id": self.owner.partner_id.id})
        self.assertEqual(made.state, "current", "not even by a default")

    def test_nothing_is_made_up_or_taken_away(self):
        case = self.mine
        case_values = {"case_id": case.id, "company_id": self.company.id}
        attempts = []
        for user in (self.owner, self.manager):
            env = self.env(user=user)
            attempts += [
                lambda env=env: env["collection.reminder"].create(
                    {
                        **case_values,
                        "kind": "dunning",
                        "channel": "email",
                        "state": "sent",
                        "decision_date": TODAY,
                        "depart_at": fields.Datetime.now(),
                    }
                ),
                lambda env=env: env["collection.decision"].create(
                    {
                        "case_id": case.id,
                        "date_from": TODAY,
                        "date_to": TODAY,
                        "outcome": "clear",
                        "reason": "x",
                        "digest": "x",
                    }
                ),
                lambda env=env: env["collection.evidence"].create(
                    {"case_id": case.id, "event": "sent"}
                ),
                lambda env=env: env["collection.reminder.item"].create(
                    {"reminder_id": case.reminder_ids.id, "amount": 1, "rank": 70}
                ),
                lambda env=env: env["collection.evidence"].search([]).unlink(),
                lambda env=env: env["collection.evidence"].search([]).write({"event": "failed"}),
                lambda env=env: case.with_env(env).unlink(),
                lambda env=env: case.with_env(env).reminder_ids.unlink(),
                lambda env=env: case.with_env(env).reminder_ids.item_ids.write({"rank": 70}),
                lambda env=env: case.with_env(env).decision_ids.unlink(),
            ]
        self._all_refused(attempts)

    def test_evidence_is_not_even_changed_by_the_product(self):
        evidence = self.env["collection.evidence"].sudo().search([], limit=1)
        self._all_refused([lambda: evidence.write({"event": "failed"}), lambda: evidence.unlink()])

    def test_only_a_manager_approves(self):
        reminder = self.mine.reminder_ids
        reminder.sudo().state = "to_approve"
        for action in ("action_approve", "action_send_now"):
            with self.assertRaises(AccessError):
                getattr(reminder.with_user(self.owner), action)()
        self._all_refused(
            [
                lambda: (
                    self.env["collection.todo"]
                    .with_user(self.owner)
                    .search([("reminder_id", "=", reminder.id)])
                    .action_approve()
                )
            ]
        )
        self.assertEqual(reminder.state, "to_approve")
        reminder.with_user(self.manager).action_approve()
        self.assertEqual(reminder.state, "scheduled")

    def test_what_was_never_approved_is_not_sent_again_past_the_manager(self):
        reminder = self.mine.reminder_ids
        reminder.level_id.approval = True
        reminder.sudo().state = "failed"
        reminder.with_user(self.owner).action_send_again()
        self.assertEqual(reminder.state, "to_approve")

    def test_a_collector_configures_nothing(self):
        own_hold = self.env["collection.hold"].create(
            {"case_id": self.mine.id, "reason": "other", "date_end": fields.Date.today()}
        )
        self._all_refused(
            [
                lambda: self.scenario.with_user(self.owner).write({"threshold": 0}),
                lambda: self.scenario.level_ids.with_user(self.owner).write({"delay": 0}),
                lambda: self.portfolio.with_user(self.owner).write({"is_live": True}),
                lambda: (
                    self.env["collection.portfolio"].with_user(self.owner).create({"name": "X"})
                ),
                lambda: self.env["collection.go.live"].with_user(self.owner).create({}),
                lambda: self.company.with_user(self.owner).write({"collection_daily_cap": 0}),
                lambda: self.theirs.with_user(self.owner).action_decide_again(),
                lambda: (
                    self.env["collection.pause"]
                    .with_user(self.owner)
                    .create({"case_ids": self.theirs.ids, "reason": "other"})
                    .action_pause()
                ),
                lambda: (
                    self.env["collection.hold"]
                    .with_user(self.owner)
                    .create(
                        {
                            "case_id": self.theirs.id,
                            "reason": "other",
                            "date_end": fields.Date.today(),
                        }
                    )
                ),
                lambda: own_hold.with_user(self.owner).write({"case_id": self.theirs.id}),
            ]
        )

    def test_reading_everything_gives_no_collector_more_to_write(self):
        """A collector who is an auditor too reads every case and writes only their own."""
        self.owner.group_ids += self.env.ref("account_collections.group_collection_readonly")
        theirs = self.theirs.with_user(self.owner)
        self.assertTrue(theirs.read(["overdue"]))
        with self.assertRaises(AccessError):
            theirs.do_not_contact = True

    def test_a_collector_works_on_own_cases(self):
        case = self.mine.with_user(self.owner)
        case.action_decide_again()
        self.assertTrue(case.decision_id.why)
        self.assertTrue(case.item_ids.mapped("amount"))
        case.reminder_ids.write({"subject": "Better", "body": "<p>Better</p>"})
        self.assertTrue(case.reminder_ids.is_edited)
        preview = self.env["collection.preview"].with_user(self.owner).create({})
        preview.action_compute()
        self.assertEqual(preview.line_ids.case_id, self.mine | self.nobodys)
        with self.assertRaisesRegex(AccessError, "credit manager decides"):
            case.action_set_legal()

    def test_a_credit_manager_decides_on_the_stage(self):
        case = self.mine.with_user(self.manager)
        case.action_set_legal()
        self.assertEqual(self.mine.state, "legal")
        self.assertEqual(self.mine.reminder_ids.state, "cancelled")
        case.action_reopen()
        with self.assertRaisesRegex(UserError, "up to date and cannot become up to date"):
            case.action_reopen()
