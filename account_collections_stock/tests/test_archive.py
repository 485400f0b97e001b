from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOON, DeliveryCommon


@tagged("post_install", "-at_install")
class TestArchive(DeliveryCommon):
    def test_what_was_delivered_is_in_the_file(self):
        with self._at(NOON):
            order = self._order(self.customer)
            self._deliver(order.picking_ids, quantity=2)
            invoice = order._create_invoices()
            invoice.action_post()
            invoices = invoice.with_context(force_report_rendering=True)
            archive = self.env["collection.archive"].with_context(force_report_rendering=True)
            with mute_logger("odoo.addons.base.models.ir_actions_report"):
                files = dict(archive._get_documents(invoices))
        done = order.picking_ids.filtered(lambda one: one.state == "done")
        slips = [name for name in files if name.startswith("deliveries/")]
        self.assertEqual(len(slips), len(done), "not of what is still to be delivered")
        self.assertTrue(all(files[name].startswith(b"%PDF") for name in slips))
