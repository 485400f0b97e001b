from odoo import api, fields, models
from odoo.addons.account_collections.models.collection_ledger import id_array
from odoo.tools import SQL, plaintext2html

from .collection_insurance_cover import CLOCKS


class CollectionInsuranceCover(models.Model):
    """Deadlines that are near become tasks: a cover is not lost because nobody looked."""

    _inherit = "collection.insurance.cover"

    warned = fields.Selection(
        CLOCKS, string="Owner Told of", readonly=True, help="Deadline for which there was a task."
    )

    @api.model
    def _warn(self, company, today):
        """Give whoever works on a case a task for each kind of deadline that is near, once.

        Items that are in no case wait until they are.
        """
        near = self._get_near(company, today)
        cases = near._get_cases()
        told = self.browse()
        for (case, clock), covers in near.grouped(
            lambda one: (cases.get(one.line_id.id), one.next_clock)
        ).items():
            if not case:
                continue
            person = case._get_person_at_work()
            words = self.with_context(lang=person.lang).env
            labels = dict(self._fields["next_clock"]._description_selection(words))
            case.activity_schedule(
                "mail.mail_activity_data_todo",
                min(covers.mapped("date_next_clock")),
                summary=words._("Credit insurance: %(deadline)s", deadline=labels[clock]),
                note=plaintext2html(", ".join(covers.mapped("move_id.name"))),
                user_id=person.id,
            )
            told |= covers
        # Covers are the product's: nobody writes them.
        for clock, covers in told.sudo().grouped("next_clock").items():
            covers.warned = clock
        return told

    @api.model
    def _get_near(self, company, today):
        """Return the covers whose next deadline is near, as their policy says, and not told yet."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT cover.id
                  FROM collection_insurance_cover cover
                  JOIN collection_insurance_policy policy ON policy.id = cover.policy_id
                 WHERE cover.company_id = %(company)s AND policy.warn_days > 0
                   AND cover.date_next_clock <= %(today)s::date + policy.warn_days
                   AND cover.warned IS DISTINCT FROM cover.next_clock
              ORDER BY cover.date_next_clock, cover.id
                """,
                company=company.id,
                today=today,
            )
        )
        return self.browse(cover for (cover,) in rows)

    def _get_cases(self):
        """Return {line id: the case in which it is dunned}; of two, the customer's own."""
        rows = self.env.execute_query(
            self.env["collection.ledger"]._open_items_sql(
                SQL("line.id, debtor.case_id"),
                joins=self.env["collection.debtor"]._join_sql(),
                where=SQL(
                    "line.id = ANY(%s) AND debtor.role <> 'payer'", id_array(self.line_id.ids)
                ),
            )
        )
        return {line: self.env["collection.case"].browse(case) for line, case in rows}
