from odoo.tests import TransactionCase, tagged

#: Names of languages, and letters of scores, are the same in every language.
NAMES = {"lang", "letter"}


@tagged("post_install", "-at_install")
class TestChoices(TransactionCase):
    """What is chosen from is read in the user's language, wherever its choices come from."""

    def test_choices_that_are_computed_are_translated(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        modules = self.env["ir.module.module"].search(
            [("name", "=like", "account%"), ("state", "=", "installed")]
        )
        modules._load_module_terms(modules.mapped("name"), ["fr_FR"])
        fields = [
            field
            for name, model in self.registry.items()
            if name.startswith("collection.") and not model._abstract
            for field in model._fields.values()
            if field.type == "selection" and callable(field.selection) and field.name not in NAMES
        ]
        self.assertIn("collection.member.role", [str(field) for field in fields])
        for field in fields:
            with self.subTest(field=str(field)):
                english = field._description_selection(self.env(context={"lang": "en_US"}))
                french = field._description_selection(self.env(context={"lang": "fr_FR"}))
                self.assertEqual([key for key, _ in english], [key for key, _ in french])
                self.assertNotEqual(english, french)
