"""The shipped levels that were tasks to call somebody become calls, with their script.

Only those that stand as they were shipped. A person does either; what is with one already stays
the task that it is.
"""

from openupgradelib import openupgrade

MODULE = "account_collections"

#: Level → its script.
SHIPPED = {
    "level_public_call": "mail_template_call_script_public",
    "level_premium_call": "mail_template_call_script",
    "level_standard_call": "mail_template_call_script",
}


@openupgrade.migrate()
def migrate(env, version):
    """Turn tasks into calls."""
    for name, script in SHIPPED.items():
        level = env.ref(f"{MODULE}.{name}", raise_if_not_found=False)
        if level and level.channel == "task" and not level.other_channel_ids:
            level.write({"channel": "call", "script_id": env.ref(f"{MODULE}.{script}").id})
