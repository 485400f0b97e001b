from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..connectors import atradius
from ..connectors.service import Service, ServiceError

#: Hosts that may be asked without encryption: nobody else hears it.
LOCAL = ("127.0.0.1", "localhost", "::1")


class CollectionInsuranceProvider(models.Model):
    """How a policy speaks to its insurer's service.

    An add-on for another insurer adds its ``code``, and ``_<code>_fetch_covers()``, which returns
    a file that imports read, and ``_<code>_send_request(request)``, which returns a reference.
    """

    _name = "collection.insurance.provider"
    _description = "Connection to a Credit Insurer"
    _inherit = ["collection.insurance.channel"]
    _order = "policy_id, id"
    _rec_name = "policy_id"

    code = fields.Selection([("atradius", "Atradius")], string="Service", required=True)
    url = fields.Char(string="Address", required=True, groups="base.group_system")
    token_url = fields.Char(string="Address for Tokens", required=True, groups="base.group_system")
    client_id = fields.Char(string="Client", copy=False, groups="base.group_system")
    client_secret = fields.Char(string="Secret", copy=False, groups="base.group_system")
    fetched_at = fields.Datetime(string="Last Fetch", readonly=True, copy=False)

    _connected_once = models.UniqueIndex(
        "(policy_id) WHERE active", "This policy is connected to its insurer already."
    )

    @api.constrains("url", "token_url")
    def _check_addresses(self):
        # Whoever may write addresses may have them checked.
        for provider in self.sudo():
            for address in (provider.url, provider.token_url):
                parts = urlsplit(address or "")
                if parts.scheme != "https" and parts.hostname not in LOCAL:
                    raise ValidationError(
                        self.env._("Credentials travel by https only: %(url)s", url=address)
                    )

    # === ACTIONS === #

    def action_fetch(self):
        """Fetch the covers now."""
        self.check_access("read")
        if not self.env.user.has_group("account_collections.group_collection_manager"):
            raise AccessError(self.env._("A credit manager has covers fetched."))
        for provider in self:
            provider._fetch()
            if provider.problem:
                raise UserError(provider.problem)

    @api.model
    def _cron_fetch(self):
        """Fetch the covers of each policy; one that fails keeps no other from it."""
        self._ask_each(self.search([]), type(self)._fetch)

    # === SEAM === #

    def _fetch(self):
        """Fetch all covers and have them imported, or none; a failure is kept and told."""
        self.ensure_one()
        # Credentials are administrators'; the request is the product's.
        provider = self.sudo()
        try:
            data = getattr(provider, f"_{self.code}_fetch_covers")()
        except ServiceError as error:
            provider._note(self._explain(error))
            return
        provider._note(False)
        name = f"{self.policy_id.name}.csv"
        files = self.env["collection.insurance.file"].with_user(self.user_id)
        files._receive(self.policy_id.with_user(self.user_id), name, data, "connector")

    def _note(self, problem):
        super()._note(problem)
        self.sudo().fetched_at = fields.Datetime.now()

    def _send_request(self, request):
        """Send a limit request; return the insurer's reference of it.

        :raises Uncertain: when it may have arrived all the same
        :raises ServiceError: when the service certainly has not got it
        """
        self.ensure_one()
        # Credentials are administrators'; the request is the product's.
        return getattr(self.sudo(), f"_{self.code}_send_request")(request)

    def _explain(self, error):
        """Return in words what went wrong; no answer of the service is shown."""
        details = {"status": 0, "seconds": 0, "page": 0, **error.details}
        sentences = {
            "busy": self.env._("The insurer's service is busy: it is asked again later."),
            "timeout": self.env._("The insurer's service did not answer in time."),
            "unreachable": self.env._("The insurer's service could not be reached."),
            "refused": self.env._("The insurer's service refused our credentials."),
            "unreadable": self.env._("The insurer's service answered what cannot be read."),
            "repeated_page": self.env._(
                "The insurer's service sent page %(page)s twice: nothing of it was taken.",
                **details,
            ),
            "status": self.env._(
                "The insurer's service answered with the error %(status)s.", **details
            ),
        }
        return sentences[error.code]

    # === ATRADIUS === #

    def _get_service(self):
        return Service(self.url, self.token_url, self.client_id or "", self.client_secret or "")

    def _atradius_fetch_covers(self):
        return atradius.fetch(self._get_service(), self.policy_id.name)

    def _atradius_send_request(self, request):
        [values] = request._get_values()
        return atradius.request(
            self._get_service(),
            {
                "policyNumber": values["policy"],
                "buyerId": values["insurer_ref"],
                "nationalId": values["registration"],
                "vatNumber": values["vat"],
                "customerReference": values["code"],
                "buyerName": values["name"],
                "requestedAmount": values["amount_requested"],
                "currency": values["currency"],
                "expiryDate": values["until"],
                "paymentTermDays": values["credit_days"],
                "reason": values["conditions"],
            },
            request.key,
        )


class CollectionInsurancePolicy(models.Model):
    _inherit = "collection.insurance.policy"

    file_ids = fields.One2many("collection.insurance.file", "policy_id", readonly=True)
    provider_ids = fields.One2many("collection.insurance.provider", "policy_id")

    def _get_provider(self):
        """Return what connects the policy to its insurer, empty without such."""
        # Whoever asks for a limit may know that there is a way; its credentials stay hidden.
        return self.sudo().provider_ids[:1].with_env(self.env)
