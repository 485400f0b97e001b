from odoo import models


class CollectionCase(models.Model):
    _inherit = "collection.case"

    def _get_insurance_words(self):
        """Return what the insurer covers and thinks of the customer today, as a list of texts."""
        self.ensure_one()
        rows = self.env.execute_query(self.env["collection.gather"]._measures_sql(self))
        if not rows:
            return []
        [(_case, cover, uncovered, limit, grade)] = rows
        scenario, line = self.env["collection.scenario"], self.env["collection.insurance.cover"]
        covers = dict(line._fields["state"]._description_selection(self.env))
        limits = dict(scenario._fields["limit"]._description_selection(self.env))
        words = [covers.get(cover, "")]
        if float(uncovered):
            amount = self.currency_id.format(float(uncovered))
            words.append(self.env._("%(amount)s uncovered", amount=amount))
        words.append(self.env._("limit: %(limit)s", limit=limits[limit].lower()))
        if grade is not None:
            words.append(self.env._("grade %(grade)s of 100", grade=round(float(grade))))
        return list(filter(None, words))
