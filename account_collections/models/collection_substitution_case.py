from odoo import models


class CollectionCase(models.Model):
    _inherit = "collection.case"

    def _get_person_at_work(self, person=None):
        """Return who gets new work on the case: the responsible, or on leave their substitute.

        Work that is for another ``person`` is theirs, or their substitute's.

        A substitute may be away too: then it is theirs, as long as that ends somewhere.
        """
        self.ensure_one()
        responsible = person = person or self._get_responsible()
        today = self.company_id._collection_today()
        asked = person
        while substitute := person._get_collection_substitute(today):
            if substitute in asked:
                return responsible
            asked |= substitute
            person = substitute
        return person
