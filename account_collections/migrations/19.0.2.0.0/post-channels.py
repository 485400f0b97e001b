"""The shipped levels get their letters, registered letters and SMS.

Only levels that stand as they were shipped are touched. Where a portfolio is live, what leaves
first stays as it is, and nothing new leaves or costs by surprise: a letter to print is added for
customers without a usable e-mail address, and no more.
"""

from odoo import Command
from openupgradelib import openupgrade

MODULE = "account_collections"

#: Level → (the e-mail template it was shipped with, first channel, other channels).
SHIPPED = {
    "level_public_officer": ("mail_template_public_officer", "letter", [("else", "email")]),
    "level_premium_direct": ("mail_template_direct", "email", [("else", "letter")]),
    "level_small_second": (
        "mail_template_second", "email", [("else", "letter"), ("and", "sms")]
    ),
    "level_small_final": ("mail_template_final", "email", [("else", "letter")]),
    "level_standard_second": (
        "mail_template_second", "email", [("else", "letter"), ("and", "sms")]
    ),
    "level_standard_firm": ("mail_template_firm", "email", [("else", "letter")]),
    **dict.fromkeys(
        (
            "level_premium_formal_notice",
            "level_small_formal_notice",
            "level_standard_formal_notice",
        ),
        (
            "mail_template_formal_notice",
            "registered",
            [("else", "letter"), ("else", "email")],
        ),
    ),
}


@openupgrade.migrate()
def migrate(env, version):
    is_live = bool(env["collection.portfolio"].search_count([("is_live", "=", True)], limit=1))
    for name, (template, first, others) in SHIPPED.items():
        level = env.ref(f"{MODULE}.{name}", raise_if_not_found=False)
        shipped = env.ref(f"{MODULE}.{template}", raise_if_not_found=False)
        if not level or not _is_as_shipped(level, shipped):
            continue
        if is_live:
            first, others = "email", [("else", "letter")]
        values = {
            "channel": first,
            "other_channel_ids": [
                Command.create({"joins": joins, "channel": channel, "sequence": 10 * place})
                for place, (joins, channel) in enumerate(others, start=1)
            ],
        }
        letter = env.ref(
            f"{MODULE}.mail_template_formal_notice_letter", raise_if_not_found=False
        )
        if level.formal_notice and letter:
            values["letter_template_id"] = letter.id
        level.write(values)


def _is_as_shipped(level, template):
    """Return whether nobody gave the level other channels or another text."""
    return (
        bool(template)
        and level.channel == "email"
        and not level.other_channel_ids
        and level.template_id == template
    )
