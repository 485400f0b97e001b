"""Whether a text message can be sent to a phone number: without Odoo."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

#: Why no text message is sent to a number.
PROBLEMS = [
    ("missing", "No phone number"),
    ("invalid", "Not a valid phone number"),
    ("extension", "A number with an extension"),
    ("foreign", "Number of another country"),
    ("premium", "Premium-rate number"),
    ("landline", "Not a mobile number"),
]

#: In some countries a mobile cannot be told from a landline by its number.
MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def check_mobile(number, countries):
    """Return (number in E.164, None), or (None, the problem) when it can get no text message.

    A number of another country is refused: it costs more, and is often the wrong one. A number
    without a country's code is one of the first country.

    :param str number: as a person typed it
    :param countries: codes of the countries that it may belong to, the likeliest first

    >>> check_mobile("06 12 34 56 78", ["FR"])
    ('+33612345678', None)
    >>> check_mobile("01 44 55 66 77", ["FR"])
    (None, 'landline')
    >>> check_mobile("+49 1512 3456789", ["FR"])
    (None, 'foreign')
    >>> check_mobile("+33 6 12 34 56 78 ext. 12", ["FR"])
    (None, 'extension')
    """
    if not number or not number.strip():
        return None, "missing"
    try:
        parsed = phonenumbers.parse(number, countries[0] if countries else None)
    except NumberParseException:
        return None, "invalid"
    if not phonenumbers.is_valid_number(parsed):
        return None, "invalid"
    if parsed.extension:
        return None, "extension"
    prefixes = {phonenumbers.country_code_for_region(code) for code in countries if code}
    if prefixes and parsed.country_code not in prefixes:
        return None, "foreign"
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.PREMIUM_RATE:
        return None, "premium"
    if kind not in MOBILE:
        return None, "landline"
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164), None
