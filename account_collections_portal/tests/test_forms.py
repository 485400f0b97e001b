from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..controllers import inputs


@tagged("post_install", "-at_install")
class TestForms(TransactionCase):
    """What people type, as people of their language write it; a form that counts once."""

    def _read(self, text, lang="en_US", currency="EUR"):
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", currency)])
        )
        return inputs.read_amount(text, currency, self._lang(lang))

    def _lang(self, code):
        return self.env["res.lang"]._activate_lang(code) or self.env["res.lang"]._create_lang(code)

    def test_amounts_as_each_language_writes_them(self):
        for lang, typed, amount in (
            ("en_US", "1,234.50", 1234.5),
            ("en_US", "1,234", 1234),
            ("en_US", " 12.5 ", 12.5),
            ("fr_FR", "1\u202f234,50", 1234.5),
            ("fr_FR", "1 234,5", 1234.5),
            ("fr_FR", "1234.50", 1234.5),
            ("de_DE", "1.234,50", 1234.5),
            ("de_DE", "12.345.678", 12345678),
        ):
            self.assertEqual(self._read(typed, lang), amount, (lang, typed))

    def test_what_is_no_amount_in_a_language(self):
        for lang, typed in (
            ("en_US", "12,50"),
            ("en_US", "1,23,4"),
            ("en_US", "1.234,50"),
            ("de_DE", "12.50"),
            ("fr_FR", "1,234"),
            ("fr_FR", "1,2,3"),
        ):
            with self.assertRaises(UserError, msg=(lang, typed)):
                self._read(typed, lang)

    def test_no_finer_than_the_currency(self):
        self.assertEqual(self._read("12.00", currency="JPY"), 12)
        with self.assertRaisesRegex(UserError, "no smaller unit"):
            self._read("12.5", currency="JPY")

    def test_lines_and_text_without_control_characters(self):
        self.assertEqual(inputs.read_line("Ann\r\nBcc: all\x00@x"), "Ann Bcc: all @x")
        self.assertEqual(inputs.read_line("A" * 500), "A" * inputs.LONGEST_NAME)
        self.assertEqual(inputs.read_text("a\r\nb\x00\u202ec"), "a\nbc")
        self.assertEqual(len(inputs.read_text("x" * 9999)), inputs.LONGEST_TEXT)

    def test_days(self):
        self.assertEqual(str(inputs.read_day("2026-03-18")), "2026-03-18")
        for odd in ("2026-02-30", "18/03/2026", "", None, "2026-03-18T00:00", "٢٠٢٦-٠٣-١٨"):
            self.assertIsNone(inputs.read_day(odd), odd)

    def test_numbers(self):
        rest, too_large = 2**30 + 7, 2**31
        for text, number in (
            ("12", 12), ("-1", 0), ("", 0), (None, 0), ("²", 0), ("9" * 99, 0),
            (str(rest), rest), (str(too_large), 0),
        ):  # fmt: skip
            self.assertEqual(inputs.read_number(text), number, text)
