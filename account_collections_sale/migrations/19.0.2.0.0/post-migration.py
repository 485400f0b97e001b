from openupgradelib import openupgrade


@openupgrade.migrate()
def migrate(env, version):
    """Deposits were recognised at each run; now it is written on the invoice."""
    env["account.move"]._mark_deposits()
