from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import TODAY
from .disputes_common import DisputeCommon
from .gateway import GatewayCommon

DAY = timedelta(days=1)
LINKS = ("line_id", "invoice_line_id", "move_id", "credit_move_id")


@tagged("post_install", "-at_install")
class TestDisputeRoles(DisputeCommon):
    """Who sees which disputes and does what, tried as the user and as a program would."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice(cls.customer, 100, overdue=10)
        cls.ours = cls._dispute(cls.invoice, 30)
        cls.theirs = cls._dispute(cls.invoice, 20, reason=cls.price)

    def _visible(self, user, model="collection.dispute"):
        return self.env[model].with_user(user).search([])

    # === ON LINE === #

    def test_a_customer_contests_on_line(self):
        """By code that runs with all rights: routed as any other, and no more than is open."""
        guest = new_test_user(self.env, "guest", "base.group_portal")
        case = self._case(self.customer).with_user(guest).sudo()
        line = self.ours.line_ids.line_id.with_env(case.env)
        with self.assertRaisesRegex(UserError, "50.01 cannot be disputed"):
            case._dispute_quick(reason=self.price.with_env(case.env), lines=line, amount=50.01)
        dispute = case._dispute_quick(
            reason=self.price.with_env(case.env), lines=line, amount=50, description="Too dear"
        )
        self.assertEqual((dispute.state, dispute.amount), ("new", 50))
        self.assertFalse(dispute.user_id.share)
        self.assertFalse(dispute.activity_ids.user_id.share)

    # === HANDLERS === #

    def test_a_handler_sees_own_disputes_and_those_of_the_team(self):
        self.assertEqual(self._visible(self.handler), self.ours)
        self.assertEqual(self._visible(self.seller), self.theirs)
        colleague = self._user("packer", "account_collections.group_dispute_handler")
        self.assertFalse(self._visible(colleague))
        self.team.member_ids += colleague
        self.assertEqual(self._visible(colleague), self.ours)
        lines = self._visible(colleague, "collection.dispute.line")
        self.assertEqual(lines, self.ours.line_ids)
        mine = self.ours.with_user(colleague)
        mine.action_take()
        self.assertEqual(self.ours.user_id, colleague)
        self.assertEqual(self.ours.activity_ids.user_id, colleague)

    def test_a_handler_sees_the_snapshot_and_nothing_of_the_books(self):
        line = self.ours.line_ids.with_user(self.handler)
        [seen] = line.read()
        self.assertEqual((seen["move_name"], seen["amount_currency"]), (self.invoice.name, 30))
        self.assertFalse(set(LINKS) & set(seen))
        self.assertNotIn("case_id", self.ours.with_user(self.handler).read()[0])
        self._all_refused(
            [
                *(lambda name=name: line.read([name]) for name in LINKS),
                lambda: self.ours.with_user(self.handler).read(["case_id"]),
                lambda: self.invoice.with_user(self.handler).read(["name"]),
                lambda: self._case(self.customer).with_user(self.handler).read(["overdue"]),
                lambda: self.theirs.with_user(self.handler).read(["name"]),
                lambda: self._visible(self.handler, "collection.dispute.analysis"),
                lambda: self._visible(self.handler, "collection.item"),
                lambda: self._visible(self.handler, "collection.level"),
            ]
        )

    def test_the_form_opens_for_a_handler(self):
        form = Form(self.ours.with_user(self.handler))
        form.cause_id = self.cause
        with form.document_ids.new() as document:
            document.kind = "delivery"
            document.name = "OUT/0042"
        with form.document_ids.new() as document:
            document.kind = "platform"
            document.name = "2026-0815"
            document.platform_status = "suspended"
        form.save()
        self.assertEqual(self.ours.cause_id, self.cause)
        self.assertEqual(self.ours.document_ids.mapped("name"), ["OUT/0042", "2026-0815"])
        stopped = [("document_ids.platform_status", "in", ("rejected", "suspended"))]
        self.assertEqual(self._visible(self.handler).filtered_domain(stopped), self.ours)

    def test_a_linked_document_is_named_to_those_who_may_not_open_it(self):
        """An order, a delivery, a credit note: its name is kept beside the link."""
        with Form(self.ours.with_user(self.manager)) as form, form.document_ids.new() as document:
            document.kind = "credit_note"
            document.record = f"account.move,{self.invoice.id}"
            self.assertEqual(document.name, self.invoice.name)
        record = {"fields": {"display_name": {}}}
        spec = {"document_ids": {"fields": {"name": {}, "record": record}}}
        for user, shown in ((self.manager, self.invoice.name), (self.handler, "have access")):
            [seen] = self.ours.with_user(user).web_read(spec)[0]["document_ids"]
            self.assertEqual(seen["name"], self.invoice.name)
            self.assertIn(shown, seen["record"]["display_name"])

    def test_a_handler_works_on_own_disputes_only(self):
        mine = self.ours.with_user(self.handler)
        mine.action_investigate()
        mine.message_post(body="I look into it")
        self.env["ir.attachment"].with_user(self.handler).create(
            {"name": "slip", "raw": b"x", "res_model": mine._name, "res_id": mine.id}
        )
        self._all_refused(
            [
                lambda: mine.write({"deadline": TODAY + 90 * DAY}),
                lambda: mine.write({"priority": "0"}),
                lambda: mine.write({"reason_id": self.price.id}),
                lambda: mine.action_close(),
                lambda: mine.action_reopen(),
                lambda: mine.action_draft_credit_note(),
                lambda: mine.unlink(),
                lambda: mine.copy(),
                lambda: mine.line_ids.unlink(),
                lambda: self.theirs.with_user(self.handler).action_investigate(),
                lambda: self.theirs.with_user(self.handler)._resolve("rejected"),
                lambda: self._resolve(self.theirs, "accepted", user=self.handler),
                lambda: (
                    self.env["collection.dispute.document"]
                    .with_user(self.handler)
                    .create({"dispute_id": self.theirs.id, "name": "X"})
                ),
                lambda: (
                    self._case(self.customer)
                    .with_user(self.handler)
                    ._dispute_quick(reason=self.reason)
                ),
                lambda: self.reason.with_user(self.handler).write({"deadline_days": 99}),
                lambda: self.env["collection.dispute.review"].with_user(self.handler).create({}),
            ]
        )

    def test_an_amount_of_another_dispute_is_not_accepted_here(self):
        wizard = (
            self.env["collection.dispute.resolve"]
            .with_user(self.manager)
            .with_context(default_dispute_id=self.ours.id)
            .create({"outcome": "partly_accepted"})
        )
        wizard.line_ids.dispute_line_id = self.theirs.line_ids
        with self.assertRaisesRegex(UserError, "another dispute"):
            wizard.action_resolve()

    def test_a_document_moves_to_no_dispute_out_of_sight(self):
        document = (
            self.env["collection.dispute.document"]
            .with_user(self.handler)
            .create({"dispute_id": self.ours.id, "name": "X"})
        )
        self._all_refused([lambda: document.write({"dispute_id": self.theirs.id})])

    # === THE OTHERS === #

    def test_collectors_see_those_of_their_cases(self):
        self.assertEqual(self._visible(self.owner), self.ours | self.theirs)
        colleague = self._user("colleague", "account_collections.group_collection_user")
        self.assertFalse(self._visible(colleague))
        self.assertFalse(self._visible(colleague, "collection.dispute.analysis"))
        self.ours.user_id = colleague
        self.assertEqual(self._visible(colleague), self.ours)

    def test_managers_readers_and_accountants_see_all(self):
        for user in (self.manager, self.reader, self.accountant):
            self.assertEqual(self._visible(user), self.ours | self.theirs)
        for user in (self.reader, self.accountant):
            self._all_refused(
                [
                    lambda user=user: self.ours.with_user(user).action_investigate(),
                    lambda user=user: self.ours.with_user(user).write({"description": "x"}),
                    lambda user=user: self.ours.with_user(user)._resolve("rejected"),
                    lambda user=user: self._resolve(self.ours, "rejected", user=user),
                ]
            )

    def test_no_role_portal_and_public_see_nothing(self):
        users = [
            self._user("nobody", "base.group_user"),
            self._user("visitor", "base.group_portal"),
            self.env.ref("base.public_user"),
        ]
        models = ("", ".line", ".document", ".reason", ".cause", ".team", ".analysis", ".resolve")
        for user in users:
            for model in models:
                with self.subTest(user=user.id, model=model), self.assertRaises(AccessError):
                    self._visible(user, f"collection.dispute{model}")

    def test_another_company_sees_nothing(self):
        other = self.setup_other_company()["company"]
        for role in ("manager", "user", "readonly"):
            stranger = self._user(f"strange_{role}", f"account_collections.group_collection_{role}")
            stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
            for model in ("", ".line", ".document", ".analysis"):
                self.assertFalse(self._visible(stranger, f"collection.dispute{model}"))

    def test_the_accountant_sees_the_badge_and_drafts(self):
        self.assertEqual(self.invoice.with_user(self.accountant).collection_disputed, 50)
        self.assertEqual(self.invoice.with_user(self.accountant).collection_dispute_count, 2)
        moves = self.env["account.move"].with_user(self.accountant)
        self.assertEqual(moves.search([("collection_disputed", "!=", 0)]), self.invoice)
        partner = self.customer.with_user(self.accountant)
        self.assertEqual(partner.collection_disputed, 50)
        self.assertFalse(self.other_customer.with_user(self.accountant).collection_disputed)
        for domain, found in (
            ([("collection_disputed", "!=", 0)], True),
            ([("collection_disputed", "=", 0)], False),
            ([("collection_disputed", ">", 49)], True),
            ([("collection_disputed", ">", 50)], False),
        ):
            with self.subTest(domain=domain):
                there = partner.search([("id", "=", partner.id), *domain])
                self.assertEqual(bool(there), found)
        self.assertNotIn(self.invoice, moves.search([("collection_disputed", "=", 0)]))
        self._resolve(self.ours, "accepted")
        action = self.ours.with_user(self.accountant).action_draft_credit_note()
        credit = moves.browse(action["res_id"])
        self.assertEqual((credit.state, credit.create_uid), ("draft", self.accountant))
        credit.action_post()
        self.assertEqual(self.ours.state, "closed")

    def test_menus(self):
        """A handler finds the disputes and nothing else of collections."""
        menus = self.env["ir.ui.menu"].with_user(self.handler)
        visible = menus.browse(menus._visible_menu_ids()).mapped("complete_name")
        ours = {name for name in visible if name.startswith("Collections")}
        self.assertEqual(
            ours, {"Collections", "Collections/Disputes", "Collections/Disputes/Disputes"}
        )

    def test_the_items_and_the_case_show_it(self):
        items = self.env["collection.item"].with_user(self.owner)
        item = items.search([("is_disputed", "=", True)])
        self.assertEqual((item.move_id, item.disputed_currency), (self.invoice, 50))
        case = self._case(self.customer).with_user(self.owner)
        self.assertEqual((case.dispute_count, case.disputed), (2, 50))


@tagged("post_install", "-at_install")
class TestDisputeMail(DisputeCommon, GatewayCommon):
    """Who is written to, and what comes back by e-mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dispute = cls._dispute(cls._invoice(cls.customer, 100, overdue=10), 30)

    def _reply(self, sender, message, day=TODAY):
        with self._at(f"{day} 10:00:00"):
            self._receive(sender, references=message.message_id, subject="Re: your claim")

    def _ask_the_customer(self):
        with self.mock_mail_gateway(mail_unlink_sent=False):
            message = self.dispute.with_user(self.handler).message_post(
                body="Which bags?",
                partner_ids=self.customer.ids,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        return message

    def test_a_reply_comes_to_the_dispute_and_starts_the_clock(self):
        message = self._ask_the_customer()
        mails = [mail for mail in self._mails if "customer.example" in str(mail["email_to"])]
        self.assertIn("dunning@collections.example", mails[0]["reply_to"])
        with self._at(f"{TODAY} 12:00:00"):
            self.dispute.with_user(self.handler).action_await()
        self._reply("Dupont <dupont@customer.example>", message, TODAY + 3 * DAY)
        self.assertEqual((self.dispute.state, self.dispute.days_stopped), ("investigating", 3))
        answer = self.dispute.message_ids.filtered(lambda one: one.message_type == "email")
        self.assertIn("pay on Friday", answer.body)
        self.assertNotIn("<b>really", answer.body)
        self.assertIn("The customer answered", self.dispute.activity_ids.mapped("summary"))
        self.assertFalse(self._case(self.customer).unanswered_since)

    def test_an_answer_of_a_colleague_does_not_start_the_clock(self):
        message = self._ask_the_customer()
        with self._at(f"{TODAY} 12:00:00"):
            self.dispute.with_user(self.handler).action_await()
        self._reply("Sales <sales@company.example>", message)
        self.assertEqual(self.dispute.state, "awaiting")

    def test_an_answer_to_what_is_decided_is_kept(self):
        message = self._ask_the_customer()
        self._resolve(self.dispute, "rejected")
        self._reply("Dupont <dupont@customer.example>", message)
        self.assertEqual(self.dispute.state, "rejected")
        self.assertIn("pay on Friday", self.dispute.message_ids[0].body)
