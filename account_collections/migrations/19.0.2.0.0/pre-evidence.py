from openupgradelib import openupgrade


@openupgrade.migrate()
def migrate(env, version):
    """Every event gets its company in one statement, not one by one through the ORM."""
    openupgrade.logged_query(
        env.cr,
        """
        ALTER TABLE collection_evidence
          ADD COLUMN IF NOT EXISTS company_id integer REFERENCES res_company ON DELETE SET NULL
        """,
    )
    openupgrade.logged_query(
        env.cr,
        """
        UPDATE collection_evidence evidence SET company_id = cases.company_id
          FROM collection_case cases
         WHERE cases.id = evidence.case_id AND evidence.company_id IS NULL
        """,
    )
