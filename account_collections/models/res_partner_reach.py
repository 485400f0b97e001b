from odoo import api, fields, models

from ..engine.facts import EMAIL, LETTER, REGISTERED, SMS
from .phone_check import PROBLEMS, check_mobile

#: Field that keeps what turned out unusable, by channel.
BAD = {
    EMAIL: "collection_bad_email",
    SMS: "collection_bad_mobile",
    LETTER: "collection_bad_address",
    REGISTERED: "collection_bad_address",
}


class ResPartner(models.Model):
    """How a contact can be reached, and what did not work.

    What bounced, was refused or came back is kept as it was, so that a contact is usable again
    as soon as the address changes, whoever changes it.
    """

    _inherit = "res.partner"

    collection_mobile = fields.Char(
        string="Mobile for SMS",
        compute="_compute_collection_mobile",
        store=True,
        help="The phone number in international form, where it is a mobile of the country.",
    )
    collection_phone_problem = fields.Selection(
        PROBLEMS,
        string="Why No SMS",
        compute="_compute_collection_mobile",
        store=True,
    )
    collection_bad_email = fields.Char(string="E-mail that Bounced", readonly=True, copy=False)
    collection_bad_mobile = fields.Char(string="Number Refused", readonly=True, copy=False)
    collection_bad_address = fields.Char(string="Address Unknown", readonly=True, copy=False)
    collection_bounced = fields.Boolean(
        compute="_compute_collection_bounced",
        string="E-mail Unusable",
        help="A reminder to this address came back.",
    )
    collection_refused = fields.Boolean(
        compute="_compute_collection_bounced",
        string="Mobile Unusable",
        help="An SMS to this number was refused.",
    )
    collection_returned = fields.Boolean(
        compute="_compute_collection_bounced",
        string="Postal Address Unusable",
        help="A letter to this address came back.",
    )

    @api.depends(
        "phone", "country_id", "company_id.country_id", "commercial_partner_id.country_id"
    )
    def _compute_collection_mobile(self):
        for partner in self:
            countries = partner.country_id | partner.commercial_partner_id.country_id
            home = countries or partner.company_id.country_id or self.env.company.country_id
            number, problem = check_mobile(partner.phone, home.mapped("code"))
            partner.collection_mobile = number
            partner.collection_phone_problem = problem

    def _get_collection_address(self):
        """Return the postal address as one text, to know whether it has changed."""
        self.ensure_one()
        parts = (self.street, self.street2, self.zip, self.city, self.country_id.code)
        return "|".join(part for part in parts if part)

    def _has_collection_address(self):
        """Return whether a letter can be posted to this contact."""
        self.ensure_one()
        country = self.country_id
        return bool(
            (self.street or self.street2)
            and self.city
            and country
            and (self.zip or not country.zip_required)
        )

    def _get_collection_addressee(self):
        """Return the names that a letter is for: the company, and the person in it."""
        self.ensure_one()
        names = [self.commercial_partner_id.name, self.name]
        return list(dict.fromkeys(name for name in names if name))

    def _get_collection_envelope(self):
        """Return name and address as they stand on a letter, a line each."""
        if not self:
            return ""
        self.ensure_one()
        lines = [
            *self._get_collection_addressee(),
            *self._display_address(without_company=True).splitlines(),
        ]
        return "\n".join(line for line in lines if line.strip())

    def _get_collection_reach(self, channel):
        """Return the address by which a channel would reach this contact."""
        self.ensure_one()
        if channel == EMAIL:
            return self.email_normalized
        if channel == SMS:
            return self.collection_mobile
        return self._get_collection_address()

    @api.depends(
        "email_normalized", "collection_bad_email",
        "collection_mobile", "collection_bad_mobile",
        "street", "street2", "zip", "city", "country_id", "collection_bad_address",
    )
    def _compute_collection_bounced(self):
        for partner in self:
            for channel, name in (
                (EMAIL, "collection_bounced"),
                (SMS, "collection_refused"),
                (LETTER, "collection_returned"),
            ):
                bad = partner[BAD[channel]]
                partner[name] = bool(bad) and bad == partner._get_collection_reach(channel)

    def _set_collection_unusable(self, channel):
        """Remember that ``channel`` does not reach these contacts at their present address.

        Everybody with the same e-mail address or number is meant: it is the address that fails.
        """
        for partner in self:
            address = partner._get_collection_reach(channel)
            if not address:
                continue
            same = partner
            if channel == EMAIL:
                same |= self.search([("email_normalized", "=", address)])
            elif channel == SMS:
                same |= self.search([("collection_mobile", "=", address)])
            same.write({BAD[channel]: address})

    def action_collection_usable(self):
        """A person knows that the addresses work: forget what came back."""
        self.check_access("write")
        self.write(dict.fromkeys(BAD.values(), False))
        return True
