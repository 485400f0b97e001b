from odoo.addons.account_collections.tests.common import CollectionCommon
from odoo.tests import HttpCase, new_test_user

PAGE = "/my/account-statement"


class AccountCommon(CollectionCommon, HttpCase):
    """Two customers with an invoice each, and links that need no confirmation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.collection_link_confirmation = False
        cls.invoice = cls._invoice(cls.customer, 120, overdue=20)
        cls.foreign = cls._invoice(cls.other_customer, 77, overdue=20)
        cls._sync_cases()
        cls.case = cls._case(cls.customer)
        cls.foreign_case = cls._case(cls.other_customer)
        cls.env["collection.portal.attempt"].search([]).unlink()

    def _open(self, case=None):
        return self.url_open((case or self.case)._get_signed_url())

    def _see(self, case, path="", **arguments):
        """Return the text of a page of an account."""
        query = "".join(f"&{name}={value}" for name, value in arguments.items())
        return self.url_open(f"{PAGE}{path}?case={case.id}{query}").text

    def _portal_user(self, partner, login):
        return new_test_user(
            self.env, login, "base.group_portal", email=f"{login}@customer.example",
            partner_id=partner.id,
        )

    def _log_in(self, partner, login="clerk"):
        """Log in as a contact of a customer; return the contact."""
        clerk = self.env["res.partner"].create({"name": login, "parent_id": partner.id})
        self._portal_user(clerk, login)
        self.authenticate(login, login)
        return clerk

    def _get_form_token(self, page):
        return page.text.split('name="csrf_token" value="')[1].split('"')[0]

    def _map_again(self):
        """Who is dunned has changed; return the account of a partner."""
        self._sync_cases()
        self.env.flush_all()
        self.env.invalidate_all()
