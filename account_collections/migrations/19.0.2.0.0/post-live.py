"""Portfolios that are live get their first day: that of the first reminder of theirs that left."""

from openupgradelib import openupgrade


@openupgrade.migrate()
def migrate(env, version):
    openupgrade.logged_query(
        env.cr,
        """
        UPDATE collection_portfolio portfolio
           SET live_since = COALESCE(first.day, portfolio.write_date::date)
          FROM collection_portfolio live
     LEFT JOIN (SELECT cases.portfolio_id, MIN(reminder.decision_date) AS day
                  FROM collection_reminder reminder
                  JOIN collection_case cases ON cases.id = reminder.case_id
                 WHERE reminder.state = 'sent'
              GROUP BY cases.portfolio_id) first ON first.portfolio_id = live.id
         WHERE live.id = portfolio.id AND live.is_live AND portfolio.live_since IS NULL
        """,
    )
