from datetime import timedelta
from decimal import Decimal

from odoo.tests import tagged

from .common import TODAY, CollectionCommon

DAY = timedelta(days=1)

#: Two establishments of one legal entity, and another; check digits are right.
HEAD_OFFICE, SHOP, OTHER_ENTITY = "73282932000074", "73282932000017", "552100554"


class GroupCommon(CollectionCommon):
    """A company that duns groups together; a head office, its shop, and a subsidiary."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.collection_group = True
        france = cls.env.ref("base.fr").id
        cls.head_office = cls._customer("Siege", company_registry=HEAD_OFFICE, country_id=france)
        cls.shop = cls._customer("Magasin", company_registry="732 829 320", country_id=france)
        cls.subsidiary = cls._customer("Filiale", company_registry=False)
        (cls.customer | cls.other_customer).company_registry = False

    def _items(self, partner):
        self.env.invalidate_all()
        items = self.env["collection.item"].search([("case_id", "=", self._case(partner).id)])
        return {(item.partner_id, item.amount) for item in items}

    def _defects(self, partner):
        self.env.invalidate_all()
        case = self._case(partner)
        return self.env["collection.defect"].search([("case_id", "=", case.id)]).mapped("kind")


@tagged("post_install", "-at_install")
class TestGroups(GroupCommon):
    """All partners of a legal entity, or of a group, are dunned together."""

    # === SIREN === #

    def test_siren_is_read_from_either_number(self):
        for number, found in (
            ("732829320", "732829320"),
            (" 732 829 320 ", "732829320"),
            ("732.829.320.00074", "732829320"),
            ("73282932000075", False),  # SIRET with a wrong check digit
            ("732829321", False),
            ("7328293200007", False),
            ("HRB 732829320", False),
            ("", False),
            (False, False),
        ):
            self.shop.company_registry = number
            self.assertEqual(self.shop.collection_siren, found, number)
        self.shop.write({"company_registry": "732829320", "country_id": self.env.ref("base.no").id})
        self.assertFalse(self.shop.collection_siren, "nine digits are no SIREN in Norway")

    def test_the_same_siren_is_one_case(self):
        self._invoice(self.head_office, 100, overdue=10)
        self._invoice(self.shop, 70, overdue=10)
        self._morning()
        self.assertEqual(self._reminder(self.head_office).amount, 170)
        self.assertFalse(self._case(self.shop))

    def test_off_by_default(self):
        self.company.collection_group = False
        self._invoice(self.head_office, 100, overdue=10)
        self._invoice(self.shop, 70, overdue=10)
        self._morning()
        self.assertEqual(self._reminder(self.shop).amount, 70)

    def test_switched_on_items_move_with_the_next_run_and_keep_their_rank(self):
        self.company.collection_group = False
        self._invoice(self.head_office, 100, overdue=10)
        self._invoice(self.shop, 70, overdue=10)
        self._day()
        self.company.collection_group = True
        facts, made = self._decided(self.head_office, TODAY + 7 * DAY)
        self.assertEqual([item.rank for item in facts.items], [20, 20])
        self.assertEqual(made.level.rank, 30)
        self.assertEqual(made.situation.overdue, Decimal(170))
        self.assertEqual(self._items(self.shop), set())

    def test_a_corrected_number_joins_at_once(self):
        self.shop.company_registry = "732829321"
        self._invoice(self.head_office, 100, overdue=10)
        self._invoice(self.shop, 70, overdue=10)
        self._morning()
        self.assertIn("wrong_siren", self._defects(self.shop))
        waiting = self._reminder(self.shop)
        self.shop.company_registry = "732829320"
        self.assertEqual(
            self._items(self.head_office), {(self.head_office, 100), (self.shop, 70)}
        )
        self.assertEqual((waiting.state, waiting.end_reason), ("cancelled", "moved"))
        self.shop.company_registry = False
        self.assertEqual(self._items(self.shop), {(self.shop, 70)})

    def test_a_number_that_is_right_is_no_defect(self):
        self._invoice(self.shop, 70, overdue=10)
        self._morning()
        self.assertNotIn("wrong_siren", self._defects(self.head_office))

    def test_archived_first_establishment(self):
        self._invoice(self.head_office, 100, overdue=10)
        self._invoice(self.shop, 70, overdue=10)
        self._sync_cases()
        self.head_office.active = False
        self.assertEqual(self._items(self.shop), {(self.head_office, 100), (self.shop, 70)})

    # === A CHOSEN HEAD === #

    def test_a_chosen_head_takes_its_legal_entity_along(self):
        self.customer.collection_head_id = self.head_office
        self.shop.collection_head_id = self.customer.browse()
        self._invoice(self.customer, 50, overdue=10)
        self._invoice(self.shop, 70, overdue=10)
        self._morning()
        self.assertEqual(self._reminder(self.head_office).amount, 120)

    def test_the_head_of_one_establishment_heads_the_legal_entity(self):
        self.head_office.collection_head_id = self.customer
        self._invoice(self.shop, 70, overdue=10)
        self._morning()
        self.assertEqual(self._reminder(self.customer).amount, 70)

    def test_a_credit_of_one_entity_pays_no_other_s_debt(self):
        self.subsidiary.collection_head_id = self.customer
        self._invoice(self.customer, 300, overdue=10)
        self._invoice(self.subsidiary, 90, overdue=10)
        self._invoice(self.subsidiary, 200, overdue=10, move_type="out_refund")
        self._morning()
        self.assertEqual(self._reminder(self.customer).amount, 300)

    def test_a_head_archived_falls_to_the_next_rule_and_is_listed(self):
        self.subsidiary.collection_head_id = self.customer
        self._invoice(self.subsidiary, 90, overdue=10)
        self._sync_cases()
        self.assertEqual(self._items(self.customer), {(self.subsidiary, 90)})
        self.customer.active = False
        self.assertEqual(self._items(self.subsidiary), {(self.subsidiary, 90)})
        self._morning()
        self.assertEqual(self._reminder(self.subsidiary).amount, 90)
        self.assertIn("head_unusable", self._defects(self.subsidiary))

    def test_heads_that_cannot_be(self):
        self.subsidiary.collection_head_id = self.customer
        with self._refused("choose Dupont as the head"):
            self.other_customer.collection_head_id = self.subsidiary
        with self._refused("heads a group"):
            self.customer.collection_head_id = self.other_customer
        with self._refused("another legal entity"):
            self.other_customer.collection_head_id = self.other_customer
        self.other_customer.active = False
        with self._refused("is archived"):
            self.subsidiary.collection_head_id = self.other_customer
        self.shop.company_id = self._create_company(name="Elsewhere")
        with self._refused("belongs to Elsewhere only"):
            self.subsidiary.collection_head_id = self.shop

    def test_a_member_whose_own_case_is_stopped_is_left_alone(self):
        self.subsidiary.collection_head_id = self.customer
        self.company.collection_group = False
        self._invoice(self.customer, 300, overdue=10)
        self._invoice(self.subsidiary, 90, overdue=10)
        self._sync_cases()
        stopped = self._case(self.subsidiary)
        stopped.with_user(self.manager).action_set_legal()
        self.company.collection_group = True
        _facts, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, Decimal(300))
        self.assertIn("member_stopped", made.situation.withheld)
        stopped.with_user(self.manager).action_reopen()
        _facts, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, Decimal(390))
        self.env["collection.hold"].create(
            {"case_id": stopped.id, "reason": "other", "date_start": TODAY, "date_end": TODAY}
        )
        _facts, made = self._decided(self.customer)
        self.assertEqual(made.situation.overdue, Decimal(300))

    # === FORMAL NOTICE === #

    def _to_the_notice(self):
        """Take two legal entities of a group to the day of their formal notices."""
        self.subsidiary.collection_head_id = self.customer
        self._invoice(self.customer, 300, overdue=40)
        self._invoice(self.subsidiary, 90, overdue=41)
        for day in (TODAY, TODAY + 7 * DAY):
            self._day(day)
        self._morning(TODAY + 14 * DAY)
        self.env.invalidate_all()
        return self._case(self.customer).reminder_ids.filtered(lambda one: one.rank == 60)

    def test_one_formal_notice_for_each_legal_entity(self):
        notices = self._to_the_notice()
        self.assertEqual(
            {(one.debtor_id, one.recipient_id, one.amount) for one in notices},
            {(self.customer, self.customer, 300), (self.subsidiary, self.subsidiary, 90)},
        )
        earlier = self._case(self.customer).reminder_ids - notices
        self.assertEqual(set(earlier.mapped("amount")), {390})
        found = notices.search([("debtor_id", "=", self.subsidiary.id)])
        self.assertEqual(found.debtor_id, self.subsidiary)
        self.assertEqual(len(found), 1)
        with self._at(f"{TODAY + 14 * DAY} 06:30:00"):
            notices.with_user(self.manager).action_approve()
        self._noon(TODAY + 14 * DAY)
        self.env.invalidate_all()
        self.assertEqual(notices.mapped("state"), ["sent", "sent"])
        facts, _made = self._decided(self.customer, TODAY + 15 * DAY)
        self.assertEqual([item.rank for item in facts.items], [60, 60])

    def test_a_notice_paid_meanwhile_does_not_leave_the_other_does(self):
        notices = self._to_the_notice()
        with self._at(f"{TODAY + 14 * DAY} 06:30:00"):
            notices.with_user(self.manager).action_approve()
        paid = notices.filtered(lambda one: one.debtor_id == self.subsidiary)
        self._pay(paid.item_ids.move_id)
        self._noon(TODAY + 14 * DAY)
        self.env.invalidate_all()
        self.assertEqual(paid.state, "cancelled")
        self.assertEqual((notices - paid).state, "sent")

    def test_the_notice_names_its_legal_entity(self):
        for notice in self._to_the_notice():
            self.assertEqual(notice.subject, f"Reminder for {notice.debtor_id.name}")

    # === CONSOLIDATED VIEW === #

    def test_figures_of_each_member(self):
        self.subsidiary.collection_head_id = self.customer
        self._invoice(self.customer, 300, overdue=10)
        self._invoice(self.subsidiary, 90, overdue=-900)
        self._invoice(self.subsidiary, 30, overdue=12, move_type="out_refund")
        self._sync_cases()
        members = self._case(self.customer).member_ids
        self.assertEqual(
            {(one.partner_id, one.source, one.outstanding, one.overdue) for one in members},
            {
                (self.customer, "legal_entity", 300, 300),
                (self.subsidiary, "group", 60, 0),
            },
        )
        row = members.filtered(lambda one: one.partner_id == self.subsidiary)
        action = row.action_open_items()
        items = self.env["collection.item"].search(action["domain"])
        self.assertEqual(sorted(items.mapped("amount")), [-30, 90])

    def test_a_collector_sees_the_members_of_own_cases(self):
        self._invoice(self.customer, 300, overdue=10)
        self._sync_cases()
        members = self.env["collection.member"].with_user(self.owner)
        self.assertTrue(members.search([("partner_id", "=", self.customer.id)]))
        self._case(self.customer).user_id = self.manager
        self.env.invalidate_all()
        self.assertFalse(members.search([("partner_id", "=", self.customer.id)]))
        self.assertTrue(
            members.with_user(self.manager).search([("partner_id", "=", self.customer.id)])
        )

    def test_merging_two_establishments(self):
        self._invoice(self.head_office, 100, overdue=10)
        self._invoice(self.shop, 70, overdue=10)
        self._day()
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((self.head_office | self.shop).ids, self.shop)
        self.env.invalidate_all()
        self.assertEqual(self._items(self.shop), {(self.shop, 100), (self.shop, 70)})
        self.assertEqual(self._reminder(self.shop).amount, 170)
        facts, _made = self._decided(self.shop, TODAY + DAY)
        self.assertEqual([item.rank for item in facts.items], [20, 20])

    def test_a_new_parent_takes_its_items_along(self):
        self._invoice(self.customer, 300, overdue=10)
        self._day()
        self.customer.write({"parent_id": self.other_customer.id, "is_company": False})
        self.assertEqual([amount for _one, amount in self._items(self.other_customer)], [300])
        facts, _made = self._decided(self.other_customer, TODAY + DAY)
        self.assertEqual([item.rank for item in facts.items], [20])
