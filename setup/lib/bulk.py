"""Rows in bulk: copies of one that Odoo made, so many that only the database can make them."""

from contextlib import contextmanager

from odoo.tools import SQL


@contextmanager
def unindexed(env, *tables):
    """Fill ``tables`` without their indexes and foreign keys, which stand again afterwards.

    Primary keys stay. Rows that were there before satisfy a foreign key, and copies of them do, so
    it is not checked again; it is for whatever is written afterwards.
    """
    env.flush_all()
    dropped = env.execute_query(
        SQL(
            """
            SELECT 'DROP INDEX ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
              FROM pg_index
             WHERE indrelid = ANY(%(tables)s::regclass[])
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
         UNION ALL
            SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
                   format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s NOT VALID',
                          conrelid::regclass, conname, pg_get_constraintdef(oid))
              FROM pg_constraint
             WHERE conrelid = ANY(%(tables)s::regclass[]) AND contype = 'f'
            """,
            tables=list(tables),
        )
    )
    for drop, _make in dropped:
        env.cr.execute(drop)
    yield
    env.cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for _drop, make in dropped:
        env.cr.execute(make)


def copy_rows(record, source, **changes):
    """Insert a copy of ``record`` for each row of ``source``.

    :param str source: a table, called ``new`` in ``changes``
    :param SQL changes: what its columns hold instead
    """
    env, table = record.env, SQL.identifier(record._table)
    columns = [
        name
        for (name,) in env.execute_query(
            SQL(
                """
                SELECT attname FROM pg_attribute
                 WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
                   AND attgenerated = ''
                """,
                record._table,
            )
        )
    ]
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s model CROSS JOIN %s new WHERE model.id = %s",
            table,
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(changes.get(name) or SQL.identifier("model", name) for name in columns),
            table,
            SQL.identifier(source),
            record.id,
        )
    )
