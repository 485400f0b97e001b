import importlib.util
import json
from pathlib import Path

from odoo import Command
from odoo.tests import tagged

from .payment_common import PAGE, PaymentCommon

#: The PyPI package that carries axe-core, for machines without Node.
PACKAGE = "axe_core_python"

#: Pages of an account, opened by its link. Another page is another line.
PAGES = (
    PAGE,
    f"{PAGE}?filterby=overdue&search=none",
    f"{PAGE}/payments",
    f"{PAGE}/document/%(invoice)s/files",
    f"{PAGE}/letter/%(code)s",
    f"{PAGE}/pay?item=%(item)s",
    f"{PAGE}/paid/%(transfer)s",
    f"{PAGE}/dispute/%(dispute)s",
    f"{PAGE}/contest",
    f"{PAGE}/contest?item=%(item)s",
    f"{PAGE}/promise",
    f"{PAGE}/instalments",
    f"{PAGE}/message",
    f"{PAGE}?access_token=expired",
)

#: Each page takes the place of the one before, below the same styles, and is looked at.
CHECK = """
(async () => {
    const findings = [];
    for (const path of PAGES) {
        const answer = await fetch(path);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        document.title = page.title;
        document.querySelector("#wrapwrap").replaceWith(page.querySelector("#wrapwrap"));
        const result = await axe.run(document, {resultTypes: ["violations"]});
        for (const found of result.violations) {
            if (["serious", "critical"].includes(found.impact)) {
                for (const node of found.nodes) {
                    findings.push(`${path} ${found.id} ${node.html.slice(0, 200)}`);
                }
            }
        }
    }
    if (findings.length) {
        console.error(findings.join("\\n"));
    } else {
        console.log("test successful");
    }
})()
"""


@tagged("post_install", "-at_install")
class TestAccessibility(PaymentCommon):
    """No serious or critical finding of axe-core on any page, on a desktop and on a phone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        spec = importlib.util.find_spec(PACKAGE)
        if not spec:
            cls.skipTest(cls, f"The package {PACKAGE} is missing: pages are not checked.")
        cls.axe = (Path(spec.origin).parent / "axe.min.js").read_text()
        cls._pay(cls.first, 20)
        cls._invoice(cls.customer, 30, 40, move_type="out_refund")
        cls._sync_cases()
        line = cls.third.line_ids.filtered(lambda one: one.account_type == "asset_receivable")
        cls.dispute = cls.case._dispute_quick(lines=line, amount=30, description="Broken")
        cls.transfer = cls._announced()

    @classmethod
    def _announced(cls):
        """Return a transfer that was announced, with all that its page may show."""
        wire, method = cls._wire()
        wire.pending_msg = "<p>Thank you for paying so soon.</p>"
        euro = cls._enable_euro()
        invoice = cls._invoice(cls.customer, 90, 9, currency_id=euro.id)
        case = cls.case.sudo()
        basket = case._take(cls._item(invoice), {}, True)
        transfer = cls.env["payment.transaction"].sudo().create(
            {
                "provider_id": wire.id,
                "payment_method_id": method.id,
                "reference": invoice.name,
                "amount": basket.total,
                "currency_id": euro.id,
                "partner_id": cls.customer.id,
                "collection_part_ids": [
                    Command.create(part) for part in case._prepare_payment_parts(basket)
                ],
            }
        )
        transfer._set_pending()
        return transfer

    def _check_pages(self, width):
        self.browser_size = f"{width}x900"
        # The letter is another customer's: its page asks for a confirmation.
        values = {
            "invoice": self.first.id,
            "item": self._item(self.first).id,
            "transfer": self.transfer.id,
            "dispute": self.dispute.id,
            "code": self.foreign_case._get_letter_url().rpartition("/")[2],
        }
        pages = json.dumps([page % values for page in PAGES])
        link = self.case._get_signed_url().removeprefix(self.case.get_base_url())
        self.browser_js(link, f"{self.axe}\nconst PAGES = {pages};\n{CHECK}", timeout=120)

    def test_pages_on_a_desktop(self):
        self._check_pages(1366)

    def test_pages_on_a_phone(self):
        self._check_pages(390)
