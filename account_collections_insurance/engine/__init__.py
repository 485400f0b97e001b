"""Credit insurance: what of an open debt the insurer covers, until when, and what it would pay.

Nothing in this package knows Odoo, a database or the clock: the same policy, decisions and items
give the same cover. Amounts are :class:`~decimal.Decimal`, days are calendar days.

:mod:`terms` (what a policy says) and :mod:`limits` (what the insurer decided on a buyer) →
:mod:`allocation` (credits, oldest debt first) → :mod:`cover` (what of each item is covered) →
:mod:`indemnity` (what would be paid). :mod:`clocks` has the deadlines by which a cover is kept.
"""
