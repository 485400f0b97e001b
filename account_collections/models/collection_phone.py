from dataclasses import dataclass

import phonenumbers
import pytz
from odoo import api, models
from phonenumbers import PhoneNumberFormat, PhoneNumberType, timezone

#: Why a number is not dialled.
INVALID, PREMIUM, WRONG = "invalid", "premium", "wrong"


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number as it is shown and dialled.

    :ivar shown: international format, with its extension; as it was typed when it is no number
    :ivar link: ``tel:`` address, None for a number that is not dialled
    :ivar zones: names of all time zones in which it may ring, empty when unknown
    :ivar problem: None, or why it is not dialled
    """

    shown: str
    link: str | None = None
    zones: tuple = ()
    problem: str | None = None


class CollectionPhone(models.AbstractModel):
    """Numbers to call: read, checked and placed on the globe."""

    _name = "collection.phone"
    _description = "Phone Numbers to Call"

    @api.model
    def _read_number(self, raw, country_code):
        """Return the :class:`PhoneNumber` that somebody typed.

        :param country_code: ISO code of the country whose numbers are typed without a prefix
        """
        try:
            number = phonenumbers.parse(raw, country_code or None)
        except phonenumbers.NumberParseException:
            return PhoneNumber(raw, problem=INVALID)
        if not phonenumbers.is_valid_number(number):
            return PhoneNumber(raw, problem=INVALID)
        shown = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
        if phonenumbers.number_type(number) == PhoneNumberType.PREMIUM_RATE:
            return PhoneNumber(shown, problem=PREMIUM)
        zones = timezone.time_zones_for_number(number)
        return PhoneNumber(
            shown,
            phonenumbers.format_number(number, PhoneNumberFormat.RFC3966),
            tuple(zone for zone in zones if zone in pytz.all_timezones_set),
        )

    @api.model
    def _get_number(self, partner):
        """Return the number of a contact; one that a caller found to be wrong is not dialled."""
        country = partner.country_id or partner.commercial_partner_id.country_id
        company_country = (partner.company_id or self.env.company).country_id
        number = self._read_number(partner.phone, (country or company_country).code)
        if partner.collection_wrong_phone == partner.phone:
            return PhoneNumber(number.shown, problem=WRONG)
        return number

    @api.model
    def _get_contacts(self, case, role):
        """Return whom to call, in this order: who has the role, payables, the company itself."""
        return self._choose_contacts(case, role, self._get_reachable(case.partner_id))

    @api.model
    def _get_reachable(self, partners):
        """Return the contacts of customers that have a number."""
        return self.env["res.partner"].search(
            [("commercial_partner_id", "in", partners.ids), ("phone", "!=", False)]
        )

    @api.model
    def _choose_contacts(self, case, role, contacts):
        """Return whom of the customer's ``contacts`` to call, see :meth:`_get_contacts`."""
        if role == "salesperson":
            return case.salesperson_id.partner_id.filtered("phone")
        by_role = contacts.filtered(lambda one: one.collection_role == role)
        payables = contacts.filtered(
            lambda one: one.collection_role == "invoice" or one.type == "invoice"
        )
        return by_role | payables | contacts.filtered(lambda one: one == case.partner_id)

    @api.model
    def _get_first_numbers(self, reminders):
        """Return {reminder: first :class:`PhoneNumber` that is dialled, or None}.

        Contacts of all of them are read together.
        """
        contacts = self._get_reachable(reminders.case_id.partner_id)
        by_customer = contacts.grouped("commercial_partner_id")
        found = {}
        for reminder in reminders:
            case = reminder.case_id
            own = by_customer.get(case.partner_id, contacts.browse())
            chosen = self._choose_contacts(case, reminder._get_call_role(), own)
            numbers = (self._get_number(contact) for contact in chosen)
            found[reminder] = next((number for number in numbers if number.link), None)
        return found

    @api.model
    def _get_zones(self, case, number=None):
        """Return names of the time zones in which a debtor may be: the number's, else the
        partner's own, else those of its country, else the company's."""
        if number and number.zones:
            return number.zones
        partner = case.partner_id
        # The zone of a partner is also set by default: its country knows better.
        if partner.country_id:
            zones = tuple(pytz.country_timezones.get(partner.country_id.code, ()))
            return (partner.tz,) if partner.tz in zones else zones or self._get_own_zone(case)
        return (partner.tz,) if partner.tz else self._get_own_zone(case)

    @api.model
    def _get_own_zone(self, case):
        return (str(case.company_id._collection_timezone()),)

    @api.model
    def _get_problem_label(self, problem):
        return {
            INVALID: self.env._("not a valid number"),
            PREMIUM: self.env._("premium rate, not to be dialled"),
            WRONG: self.env._("wrong, as a caller found"),
        }[problem]
