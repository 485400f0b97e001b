from . import controllers, models, wizards


def post_init_hook(env):
    """Give the companies that exist already their collections address."""
    env["res.company"].search([])._create_collection_alias()
