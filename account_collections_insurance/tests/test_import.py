import io
from base64 import b64encode
from unittest.mock import patch

import openpyxl
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DAY, TODAY, InsuranceCommon

HEADERS = "N° acheteur;Raison sociale;SIREN;Statut;Montant accordé;Devise;Date d'effet;Note"


@tagged("post_install", "-at_install")
class TestImport(InsuranceCommon):
    """Files of limits, from the upload to the decisions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_customer.company_registry = "732829320"
        cls.known = cls._buyer(cls.other_customer, registration="732829320")
        cls.currency = cls.policy.currency_id.name

    def _import(self, *lines, headers=HEADERS, name="limits.csv", content=None):
        content = content or "\n".join([headers, *lines]).encode()
        return (
            self.env["collection.insurance.import"]
            .with_user(self.manager)
            .create({"policy_id": self.policy.id, "file": b64encode(content), "file_name": name})
        )

    def _previewed(self, *lines, **options):
        """Return the file's import, and its rows as {number: (status, problem)}."""
        with self._at(f"{TODAY} 12:00:00"):
            wizard = self._import(*lines, **options)
            wizard.action_preview()
        return wizard, {one.number: (one.status, one.problem) for one in wizard.line_ids}

    def _entered(self, wizard):
        with self._at(f"{TODAY} 12:00:00"):
            wizard.action_import()
        return self.policy.buyer_ids

    def _line(self, number, siren, decision="Accord total", amount="50 000", **values):
        cells = [number, f"Acheteur {number}", siren, decision, amount,
                 values.get("currency", self.currency), values.get("date", "01/03/2026"),
                 values.get("grade", "3")]  # fmt: skip
        return ";".join(cells)

    def test_from_the_file_to_the_limit(self):
        """New, changed and rejected rows; what is rejected keeps nothing else out."""
        lines = (
            self._line("B-1", "552100554", amount="1 234,50"),
            self._line("B-2", "732829320", "refusé", ""),
            self._line("B-3", "552100555"),
            self._line("B-4", "", amount="beaucoup"),
            self._line("B-5", "", currency="ZZZ"),
            self._line("B-1", "552100554", amount="1 234,50"),
            self._line("B-6", "123456782"),
            self._line("B-8", "123 456 782"),
            self._line("B-7", "", "réduit", "10", date="01/06/2026"),
        )
        wizard, rows = self._previewed(*lines)
        self.assertEqual(rows.pop(2), ("accepted", ""))
        self.assertEqual(rows.pop(3), ("changed", ""))
        self.assertEqual(rows.pop(10), ("accepted", ""))
        self.assertEqual({status for status, _problem in rows.values()}, {"rejected"})
        self.assertEqual(
            [problem for _status, problem in rows.values()],
            [
                "wrong check digit: 552100555",
                "no amount: “beaucoup”",
                "in another currency: ZZZ",
                "the same as row 2",
                "another buyer of the file has this registration number: 123456782",
                "another buyer of the file has this registration number: 123 456 782",
            ],
        )
        self.assertFalse(self.known.decision_ids)

        buyers = self._entered(wizard)
        fresh = buyers.filtered(lambda buyer: buyer.insurer_ref == "B-1")
        self.assertEqual((fresh.limit_amount, fresh.limit_kind), (1234.5, "full"))
        self.assertEqual(fresh.partner_ids, self.customer)
        self.assertEqual((fresh.grade, round(fresh.grade_value, 2)), ("3", 77.78))
        # found by its registration number, the buyer has the insurer's from now on
        self.assertEqual((self.known.insurer_ref, self.known.limit_kind), ("B-2", "refused"))
        self.assertFalse(buyers.filtered(lambda buyer: buyer.insurer_ref == "B-3"))
        self.assertEqual(self.policy.message_ids[0].attachment_ids.name, "limits.csv")

        # a cut that is still to come is known, and was announced today
        cut = buyers.filtered(lambda buyer: buyer.insurer_ref == "B-7").decision_ids
        self.assertEqual(cut.date_announced, TODAY)

        # read again later it changes nothing, in whatever order
        with self._at(f"{TODAY + 7 * DAY} 12:00:00"):
            again = self._import(*reversed(lines))
            again.action_preview()
            self.assertEqual((again.unchanged_count, again.changed_count), (3, 0))
            with self.assertRaises(UserError):
                again.action_import()

    def test_rows_without_dates_are_compared_with_what_is_in_force(self):
        headers = "SIREN;Limit"
        wizard, rows = self._previewed("732829320;20,000.00", headers=headers)
        self.assertEqual(rows, {2: ("changed", "")})
        self._entered(wizard)
        self.assertEqual((self.known.limit_amount, self.known.limit_kind), (20000, "revised"))
        with self._at(f"{TODAY + 30 * DAY} 12:00:00"):
            later = self._import("732829320;20000", headers=headers)
            later.action_preview()
            self.assertEqual(later.unchanged_count, 1)

    def test_a_workbook_with_columns_of_its_own(self):
        """What people chose for the insurer counts; a file without these columns is refused."""
        book = openpyxl.Workbook()
        book.active.append(["Ours", "Line", "What", "From"])
        book.active.append(["C-7", 7500, "GO", TODAY - 5 * DAY])
        stream = io.BytesIO()
        book.save(stream)
        self.insurer.with_user(self.manager).write(
            {
                "column_ids": [
                    (0, 0, {"name": name, "header": header})
                    for name, header in (
                        ("code", "ours"), ("amount", "Line"), ("kind", "What"),
                        ("effective", "From"),
                    )
                ],
                "word_ids": [(0, 0, {"name": "Go", "kind": "partial"})],
            }
        )  # fmt: skip
        wizard, rows = self._previewed(content=stream.getvalue(), name="limits.xlsx")
        self.assertEqual(rows, {2: ("accepted", "")})
        buyer = self._entered(wizard) - self.known
        self.assertEqual((buyer.code, buyer.limit_amount), ("C-7", 7500))
        self.assertEqual(buyer.decision_ids.date_effective, TODAY - 5 * DAY)
        with self.assertRaisesRegex(UserError, "is not in the file"):
            self._previewed(self._line("B-1", ""))
        path = "odoo.addons.account_collections_insurance.wizards.collection_insurance_import_read"
        with (
            patch(f"{path}.MAX_UNPACKED", 1000),
            self.assertRaisesRegex(UserError, "cannot be opened"),
        ):
            self._previewed(content=stream.getvalue(), name="limits.xlsx")

    def test_what_is_no_file_of_limits(self):
        for content, sentence in (
            (b"PK\x03\x04 damaged", "cannot be opened"),
            (b"\x00\x01\x02", "neither a CSV file"),
            (b"\n\n", "is empty"),
            (b"Colour;Limit\nred;1", "No column tells the buyer"),
            (b"SIREN;Colour\n1;red", "No column tells the limit"),
        ):
            with self.assertRaisesRegex(UserError, sentence):
                self._previewed(content=content)

    def test_numbers_of_two_buyers_and_overlaps(self):
        self._buyer(insurer_ref="B-9", name="Nine")
        temporary = ";temporaire;31/12/2026"
        headers = HEADERS + ";Temporaire;Date de fin"
        _wizard, rows = self._previewed(self._line("B-9", "732829320") + ";;", headers=headers)
        self.assertEqual(rows[2][0], "rejected")
        self.assertIn("contradict those of", rows[2][1])
        wizard, _rows = self._previewed(self._line("B-2", "732829320") + temporary, headers=headers)
        self._entered(wizard)
        _wizard, rows = self._previewed(
            self._line("B-2", "", date="01/06/2026") + temporary, headers=headers
        )
        self.assertIn("two temporary limits", rows[2][1])

    def test_only_managers_import(self):
        for user in (self.owner, self.reader):
            with self.assertRaises(AccessError):
                self.env["collection.insurance.import"].with_user(user).create(
                    {"policy_id": self.policy.id, "file": b64encode(b"x")}
                )
