"""Pure decisions: who is reminded today, at which level, about what, and why not.

Nothing in this package knows Odoo, a database or the clock. It is given facts and
``today`` and returns the same answer for the same input, so that a decision can be
explained, tested in a table and replayed over the past.

The road: :mod:`facts` (what is known) → :mod:`guards` (what withholds or stops) →
:mod:`netting` (credits, oldest debt first) → :mod:`ladder` (which level an item calls
for) → :mod:`decide` (the decision with its trace).
"""
