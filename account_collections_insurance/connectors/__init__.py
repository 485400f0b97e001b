"""Clients of insurers' services: plain Python, no Odoo."""
