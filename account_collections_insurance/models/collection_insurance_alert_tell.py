from odoo import models

from .collection_insurance_alert import OPEN

#: Alerts that a message lists; all of them are counted.
LISTED = 20


class CollectionInsuranceAlert(models.Model):
    """Tells people of new alerts: of all that came at once in one message and one task each."""

    _inherit = "collection.insurance.alert"

    def _tell(self, today):
        """Tell the owners of the customers' cases, and the credit manager of the company."""
        for company, alerts in self.grouped("company_id").items():
            owners = alerts._get_owners()
            for owner, own in owners.items():
                own.user_id = owner
            manager = company._collection_credit_manager()
            for person, own in {**owners, manager: alerts}.items():
                own.with_context(lang=person.lang)._tell_person(person, today)

    def _get_owners(self):
        """Return {person: alerts on the customers whose cases they work on}."""
        people = {}
        # Whoever is responsible, or their substitute, is asked once for all their cases.
        for cases in self.case_id.grouped(lambda case: case._get_responsible()).values():
            person = cases[:1]._get_person_at_work()
            people.update(dict.fromkeys(cases, person))
        owners = self.grouped(lambda alert: people.get(alert.case_id))
        owners.pop(None, None)
        return owners

    def _tell_person(self, person, today):
        """One task and one message for all of ``self``, on the policy that most of it is about."""
        policies = self.grouped("policy_id")
        policy = max(policies, key=lambda one: len(policies[one]))
        first = self.sorted(lambda alert: -alert.amount)[:LISTED]
        subject = self._get_subject()
        body = self.env["ir.qweb"]._render(
            "account_collections_insurance.alert_message",
            {
                "counts": self._count_by_kind(),
                "alerts": first,
                "left": len(self) - len(first),
            },
        )
        # The message below tells of it: the task sends none of its own.
        task = policy.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo",
            today,
            summary=subject,
            note=body,
            user_id=person.id,
        )
        self.write({"activity_ids": [(4, task.id)]})
        policy.message_notify(partner_ids=person.partner_id.ids, subject=subject, body=body)

    def _get_subject(self):
        if len(self) == 1:
            labels = dict(self._fields["kind"]._description_selection(self.env))
            return self.env._(
                "Credit insurance: %(alert)s, %(customer)s",
                alert=labels[self.kind].lower(),
                customer=self._get_name(),
            )
        return self.env._("Credit insurance: %(count)s alerts", count=len(self))

    def _count_by_kind(self):
        """Return pairs (label, number of alerts) in the order of the kinds."""
        groups = self.grouped("kind")
        labels = self._fields["kind"]._description_selection(self.env)
        return [(label, len(groups[kind])) for kind, label in labels if kind in groups]

    def _end_tasks(self):
        """End the tasks of which no alert is open any more."""
        tasks = self.activity_ids
        busy = self.search([("activity_ids", "in", tasks.ids), ("state", "=", OPEN)])
        (tasks - busy.activity_ids).unlink()
