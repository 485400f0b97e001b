"""What several models say alike, in the user's language."""


def choices_of(model, field):
    """Return the ``selection`` of a field with the choices of another, in the user's language.

    The labels of a selection that is a function are shown as it returns them: those of the other
    field have to be asked for, translated.

    :param model: name of the other field's model
    :param field: name of the other field
    """
    return lambda self: self.env[model]._fields[field]._description_selection(self.env)


def with_colon(env, name, text):
    """Return ``name`` and ``text`` with a colon between them, spaced as the language has it."""
    return env._("%(name)s: %(text)s", name=name, text=text)
