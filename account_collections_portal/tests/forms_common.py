import io
import re
import zipfile

from odoo import Command
from odoo.addons.account_collections.tests.disputes_common import DisputeCommon
from odoo.tests import new_test_user

from .access_common import PAGE, AccountCommon

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcff"
    "1f0003030200efa2a75b0000000049454e44ae426082"
)


def office_file(*names):
    """Return an archive with these members, as office documents are."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return content.getvalue()


class FormCommon(DisputeCommon, AccountCommon):
    """A customer who has opened the link of a reminder, and a form to send."""

    def _item(self, move):
        line = self._receivable(move)
        return self.env["collection.item"].search([("line_id", "=", line.id)])

    def _enter(self, case=None):
        """Open the link of a reminder."""
        page = self.url_open((case or self.case)._get_signed_url())
        self.assertEqual(page.status_code, 200)
        return page

    def _log_in_as(self, partner, login="clerk", groups="base.group_portal"):
        user = new_test_user(
            self.env,
            login,
            groups,
            email=f"{login}@customer.example",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            **({"partner_id": partner.id} if partner else {}),
        )
        self.authenticate(login, login)
        return user

    def _hidden(self, page):
        """Return what the last form of a page hides: it is sent along."""
        form = page.text.rpartition("<form")[2].partition("</form>")[0]
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
        self.assertIn("csrf_token", dict(fields), page.text)
        return dict(fields)

    def _send(self, shown, path=None, files=(), **typed):
        """Show a form and send it; return the answer, redirects followed."""
        page = self.url_open(f"{PAGE}{shown}")
        self.assertEqual(page.status_code, 200, page.text)
        return self._post(path or shown.partition("?")[0], self._hidden(page), files, **typed)

    def _post(self, path, hidden, files=(), **typed):
        return self.url_open(
            f"{PAGE}{path}",
            data={**hidden, **typed},
            files=[("files", (name, content)) for name, content in files] or None,
        )

    def _refusal(self, answer):
        """Return the sentence with which a form came back."""
        self.assertEqual(answer.status_code, 422, answer.text)
        return re.search(r'id="error"[^>]*>([^<]*)<', answer.text)[1].strip()
