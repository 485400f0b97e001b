from .common import TODAY
from .test_snapshots import DAY, SnapshotCommon

GROUPS = "base.group_user,account_collections.group_customer_standing"


class TestStanding(SnapshotCommon):
    """People who sell see where a customer stands, and nothing else."""

    def test_at_one_glance_and_in_one_query(self):
        seller = self._user("seller", GROUPS)
        stranger = self._user("clerk", "base.group_user")
        paid = self._invoice(self.customer, 100, overdue=60)
        self._pay(paid, payment_date=TODAY - 20 * DAY)
        late = self._invoice(self.customer, 1000, overdue=12)
        self._invoice(self.customer, 500, overdue=-5)
        self._run()
        case = self._case(self.customer).with_user(self.manager)
        line = late.line_ids.filtered(lambda one: one.account_type == "asset_receivable")
        reason = self.env["collection.dispute.reason"].search([], limit=1)
        with self._at(f"{TODAY} 10:00:00"):
            case._promise_quick(300, TODAY + 3 * DAY)
            case._dispute_quick(reason=reason, lines=line, amount=200, description="Broken")
            self.env.flush_all()
            self.env.invalidate_all()
            contact = self.env["res.partner"].create(
                {"name": "Buyer", "parent_id": self.customer.id}
            )
            customers = (self.customer | contact | self.other_customer).with_user(seller)
            customers.mapped("commercial_partner_id.name")
            found = customers.mapped("collection_standing")
        shown = " ".join(str(found[0]).split())
        for words in ("$ 1,500.00", "$ 1,000.00", "40", "$ 300.00", "03/21/2026", "$ 200.00"):
            self.assertIn(words, shown)
        self.assertEqual(found[1], found[0], "a contact stands where its company does")
        self.assertFalse(found[2], "there is nothing to tell")

        rows = self.env["res.partner"]._query_standing(
            self.customer | self.other_customer, self.company
        )
        self.assertEqual([row[0] for row in rows], self.customer.ids)
        with self.assertQueryCount(1):
            self.env["res.partner"]._query_standing(
                self.customer | self.other_customer, self.company
            )

        for model in ("account.move", "collection.case", "collection.snapshot"):
            self.assertFalse(self.env[model].with_user(seller).has_access("read"))
        with self.assertRaisesRegex(Exception, "collection_standing"):
            self.customer.with_user(stranger).read(["collection_standing"])
        abroad = self._user("seller2", GROUPS, self._create_company())
        self.assertFalse(self.customer.with_user(abroad).collection_standing)
