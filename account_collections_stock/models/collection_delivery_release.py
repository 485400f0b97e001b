from odoo import api, fields, models
from odoo.addons.account_collections.models.collection_credit_release import USED


class CollectionDeliveryRelease(models.Model):
    """A held delivery that may leave all the same: asked for in the warehouse, decided by a
    credit manager, with a reason and a last day.

    It is for one delivery. What stays behind as a backorder is held again, unless it was
    released with its backorders.
    """

    _name = "collection.delivery.release"
    _description = "Release of a Held Delivery"
    _inherit = "collection.credit.release"
    _rec_name = "picking_name"

    _granted_event, _refused_event = "delivery_released", "delivery_refused"
    _held_fact = "delivery"

    picking_id = fields.Many2one(
        "stock.picking", string="Delivery", required=True, readonly=True, ondelete="cascade",
        index=True,
    )  # fmt: skip
    # Credit managers may have no rights in the warehouse.
    picking_name = fields.Char(related="picking_id.name", store=True)
    origin = fields.Char(related="picking_id.origin", string="Order")
    scheduled_date = fields.Datetime(related="picking_id.scheduled_date")
    company_id = fields.Many2one(related="picking_id.company_id", store=True, index=True)
    state = fields.Selection(selection_add=[(USED, "Delivered")])
    date_end = fields.Date(help="Last day on which the delivery may leave.")
    with_backorders = fields.Boolean(
        tracking=True, help="What stays behind of this delivery may leave too, until that day."
    )
    used_at = fields.Datetime(string="Delivered on")

    _one_standing = models.UniqueIndex(
        "(picking_id) WHERE state IN ('asked', 'granted')",
        "A release of this delivery is asked for, or granted, already.",
    )

    def _get_held(self):
        return self.picking_id

    def _get_editable(self):
        return super()._get_editable() | {"with_backorders"}

    def _get_held_name(self):
        return self.picking_name

    def _say_waiting(self):
        return self.env._("Held delivery to decide: %s", self.picking_name)

    # === USE === #

    @api.model
    def _find_usable(self, picking):
        """Return the release by which a delivery may leave today, empty without one."""
        usable = self._usable_domain(picking.company_id)
        own = self.search([*usable, ("picking_id", "=", picking.id)])
        before = picking.backorder_id
        while not own and before:
            own = self.search(
                [*usable, ("picking_id", "=", before.id), ("with_backorders", "=", True)]
            )
            before = before.backorder_id
        return own[:1]

    def _use(self):
        """Note that the delivery left; a release with backorders stays good until its day."""
        if self.with_backorders:
            self.used_at = fields.Datetime.now()
        else:
            super()._use()
