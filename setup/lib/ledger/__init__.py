"""Ledgers of other systems: described by a mapping, read without Odoo, posted through the ORM.

* ``mapping``: what the columns of a file mean; another kind of file is a few lines there.
* ``reading``: a file becomes invoices and a list of what could not be read. Needs no Odoo.
* ``books``: the company, journals, currencies and customers that are posted to.
* ``posting``: invoices become journal entries and payments. Runs inside Odoo 19.
* ``fec`` and ``fec_posting``: the same for a FEC, the French file of entries.
* ``loading``: either of them, by the file.
"""
