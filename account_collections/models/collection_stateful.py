from odoo import models
from odoo.exceptions import LockError, UserError


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

    def _lock(self, **options):
        """Keep others from deciding on these until the transaction ends.

        :param options: of ``try_lock_for_update``
        :raises LockError: somebody else is deciding on one of them
        """
        if taken := (self - self.try_lock_for_update(**options)).exists()[:1]:
            raise LockError(
                self.env._(
                    "Somebody else is at work on “%s” at this moment: look at it again shortly.",
                    taken.display_name or self.env["ir.model"]._get(self._name).name,
                )
            )
