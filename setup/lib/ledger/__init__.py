"""Ledgers of other systems: described by a mapping, read without Odoo, posted through the ORM.

* ``mapping``: what the columns of a file mean; another kind of file is a few lines there.
* ``reading``: a file becomes invoices, plus a list of what could not be read. Standard library only.
* ``posting``: invoices become customers, journal entries and payments. Runs inside Odoo 19.
"""
