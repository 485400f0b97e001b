"""Amounts and days as visitors read them: a page has hundreds, each is written once."""

import functools

from odoo.tools import format_amount, format_date

from .inputs import get_lang


def get_writers(env):
    """Return what templates write by: ``show_amount``, ``show_date``, and ``write_amount`` as
    :func:`.inputs.read_amount` reads it again.

    Odoo's own field widgets write the same, and take half of the time that a page takes.
    """

    @functools.cache
    def show_amount(amount, currency):
        return format_amount(env, float(amount), currency)

    @functools.cache
    def show_date(day):
        return format_date(env, day)

    def write_amount(amount, currency):
        lang = env["res.lang"].browse(get_lang(env).id)
        return lang.format(f"%.{currency.decimal_places}f", amount)

    return {"show_amount": show_amount, "show_date": show_date, "write_amount": write_amount}
