from datetime import timedelta

from odoo import Command
from odoo.addons.account_collections.tests.common import TODAY, CollectionCommon

DAY = timedelta(days=1)


class InsuranceCommon(CollectionCommon):
    """A policy over three years, and short ways to decide on a buyer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.insurer = cls.env["collection.insurer"].create(
            {"name": "Test Insurer", "has_grades": True, "grade_best": 1, "grade_worst": 10}
        )
        cls.policy = cls._policy("POL-1", extension_days=60, hand_over_days=30, claim_days=90)
        cls.reader = cls._user("reader", "account_collections.group_collection_readonly")

    @classmethod
    def _policy(cls, name, company=None, **terms):
        company = company or cls.company
        return cls.env["collection.insurance.policy"].create(
            {
                "name": name,
                "insurer_id": cls.insurer.id,
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "term_ids": [
                    Command.create(
                        {
                            "date_start": TODAY - 400 * DAY,
                            "date_end": TODAY + 400 * DAY,
                            "percent": 90,
                            **terms,
                        }
                    )
                ],
            }
        )

    @classmethod
    def _buyer(cls, *partners, policy=None, **values):
        return cls.env["collection.insurance.buyer"].create(
            {
                "policy_id": (policy or cls.policy).id,
                "name": partners[0].name if partners else "Unknown",
                "partner_ids": [Command.set([partner.id for partner in partners])],
                **values,
            }
        )

    @classmethod
    def _decide(cls, buyer, kind, amount=0, effective=-200, announced=None, **values):
        """Enter a decision; days are counted from ``TODAY``."""
        announced = effective if announced is None else announced
        return cls.env["collection.insurance.decision"].create(
            {
                "buyer_id": buyer.id,
                "kind": kind,
                "amount": amount,
                "date_announced": TODAY + announced * DAY,
                "date_effective": TODAY + effective * DAY,
                **values,
            }
        )
