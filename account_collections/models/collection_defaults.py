def without_defaults(records, names):
    """Return ``records`` with a context that gives none of the fields ``names`` a default: whoever
    calls sets the context, and may not set what is protected by it."""
    context = dict(records.env.context)
    for name in names:
        context.pop(f"default_{name}", None)
    # Keys are taken away, not added.
    return records.with_context(context)  # pylint: disable=context-overridden
