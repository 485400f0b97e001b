"""Post a ledger, whatever kind of file it is."""

from . import fec, fec_posting, posting


def load(env, path, as_of, report=lambda done, total, text: None):
    """Post a ledger as it stood at the end of a day, and return what was done.

    See :func:`posting.load`.
    """
    module = fec_posting if fec.recognises(path) else posting
    return module.load(env, path, as_of, report)
