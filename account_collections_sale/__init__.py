from . import models


def post_init_hook(env):
    env["account.move"]._mark_deposits()
