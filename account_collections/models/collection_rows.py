"""Rows of computed tables: written in one statement, and only where they differ."""

from odoo.tools import SQL

INTEGER, DATE, AMOUNT, TEXT = (SQL(kind) for kind in ("int4[]", "date[]", "numeric[]", "varchar[]"))
NUMBER, JSON = SQL("float8[]"), SQL("jsonb[]")

#: First key of the advisory lock under which the figures of a company are brought up to date.
LOCK_SPACE = 0x42454841


def begin_alone(env, company):
    """Return whether nobody else brings figures of ``company`` up to date, until the transaction
    ends; a transaction that began may begin again."""
    [(free,)] = env.execute_query(
        SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK_SPACE, company.id)
    )
    return free


def write_rows(env, table, columns, keys, rows):
    """Insert rows, or change those that are there and differ.

    :param dict columns: their types by name, the first ``keys`` of them unique
    :param rows: dictionaries by name of column
    """
    names = [SQL.identifier(name) for name in columns]
    known = SQL(", ").join(SQL.identifier("known", name) for name in columns)
    fresh = SQL(", ").join(SQL.identifier("excluded", name) for name in columns)
    arrays = SQL(", ").join(
        SQL("%s::%s", array(row.get(name) for row in rows), kind)
        for name, kind in columns.items()
    )
    env.cr.execute(
        SQL(
            """
            INSERT INTO %(table)s AS known (%(names)s, create_uid, write_uid,
                                            create_date, write_date)
            SELECT fresh.*, %(uid)s, %(uid)s,
                   NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
              FROM UNNEST(%(arrays)s) fresh
                ON CONFLICT (%(key)s) DO UPDATE
               SET (%(names)s, write_date) = (%(fresh)s, EXCLUDED.write_date)
             WHERE (%(known)s) IS DISTINCT FROM (%(fresh)s)
            """,
            table=SQL.identifier(table),
            names=SQL(", ").join(names),
            key=SQL(", ").join(names[:keys]),
            arrays=arrays,
            known=known,
            fresh=fresh,
            uid=env.uid,
        )
    )


def array(values):
    """Return values as the text of a PostgreSQL array.

    As one text it travels faster than value by value.
    """
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)
