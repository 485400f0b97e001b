"""Odoo serves our add-ons as it would in production: several workers, killed without warning."""

import urllib.request

import psycopg2


def test_workers_serve_and_die_with_sigkill(server, demo_db, odoo_process):
    first = odoo_process(demo_db, "--workers", 2)
    with urllib.request.urlopen(f"{first.url}/web/login") as page:
        assert b'name="login"' in page.read()
    first.kill()
    second = odoo_process(demo_db, "--workers", 2)
    with urllib.request.urlopen(f"{second.url}/web/login") as page:
        assert page.status == 200
    second.stop()
    assert _connections(server, demo_db) == 0


def _connections(server, database):
    options = {"host": server["PGHOST"], "user": server["PGUSER"]} if server else {}
    connection = psycopg2.connect(dbname="postgres", **options)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database])
        (count,) = cursor.fetchone()
    connection.close()
    return count
