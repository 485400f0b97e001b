from odoo import SUPERUSER_ID, models


class MailActivityMixin(models.AbstractModel):
    _inherit = "mail.activity.mixin"

    # EXTENDS 'mail'
    def activity_schedule(self, *args, **kwargs):
        """What a visitor sets off is planned by the product, not by the visitor.

        Whose company another one is may not read the visitor, nor anything that names it as its
        author: the record would not open any more.
        """
        planner = self
        if self._name.startswith("collection.") and self.env.su and self.env.user.share:
            planner = self.with_user(SUPERUSER_ID)
        return super(MailActivityMixin, planner).activity_schedule(*args, **kwargs)
