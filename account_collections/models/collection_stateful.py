from odoo import models
from odoo.exceptions import UserError


class CollectionStateful(models.AbstractModel):
    """What moves from state to state along known ways only."""

    _name = "collection.stateful"
    _description = "States and Their Transitions"

    def _check_transition(self, state, origins):
        """Refuse to move to ``state`` from anywhere but one of ``origins``.

        :raises UserError: when one of the records stands elsewhere
        """
        if refused := self.filtered(lambda record: record.state not in origins)[:1]:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(record)s” is %(origin)s and cannot become %(target)s.",
                    # A reminder has no name before it is written.
                    record=refused.display_name or self.env["ir.model"]._get(self._name).name,
                    origin=labels[refused.state].lower(),
                    target=labels[state].lower(),
                )
            )
