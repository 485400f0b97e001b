from odoo import api, fields, models
from odoo.tools import SQL

#: Why a ledger partner is dunned through a debtor, in the order they are asked.
INVOICE_PAYER = "invoice_payer"
BRANCH = "branch"
PAYER = "payer"
GROUP = "group"
SIREN = "siren"
LEGAL_ENTITY = "legal_entity"

#: What a debtor is asked for: all of an item, the payer's share of it, or the rest.
ALL, SHARE, REST = "all", "payer", "rest"

#: Of what moved to another debtor: this had not left, or did not arrive.
NOT_GONE = ("to_approve", "scheduled", "to_print", "to_do", "failed")


class CollectionDebtor(models.Model):
    """The maintained map from the ledger's partner to the case through which it is dunned.

    An open item finds its rows by its partner, by the contact of its invoice where branches are
    dunned apart (``contact_id``; either all rows of a partner have one, or none), and by the
    payer of its own that its invoice may have (``payer_id``). It finds one row, or two where
    a payer pays a share of it: the shares are worked out in :meth:`_join_sql`, the one way from
    an open item to its case.
    """

    _name = "collection.debtor"
    _description = "Collection Debtor Map"
    _rec_name = "partner_id"
    _order = "partner_id, id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Ledger Partner", required=True, index=True, ondelete="restrict"
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Invoice Contact",
        index="btree_not_null",
        ondelete="cascade",
        help="Set where the customer's branches are dunned apart.",
    )
    payer_id = fields.Many2one(
        "res.partner",
        string="Payer of the Invoice",
        index="btree_not_null",
        ondelete="cascade",
        help="Set for invoices with a payer of their own.",
    )
    role = fields.Selection(
        [(ALL, "All"), (SHARE, "Payer's share"), (REST, "What the payer leaves")],
        string="Asked For",
        default=ALL,
        required=True,
    )
    share = fields.Float(
        digits=(5, 2), help="Percent that the customer's payer pays; 0 where invoices say it."
    )
    case_id = fields.Many2one("collection.case", required=True, index=True, ondelete="restrict")
    source = fields.Selection(
        [
            (INVOICE_PAYER, "Payer of the invoice"),
            (BRANCH, "Branch"),
            (PAYER, "Payer of the customer"),
            (GROUP, "Group head"),
            (SIREN, "Same SIREN"),
            (LEGAL_ENTITY, "Legal entity"),
        ],
        string="Why",
        default=LEGAL_ENTITY,
        required=True,
    )
    entity_id = fields.Many2one(
        "res.partner",
        string="Legal Entity",
        index="btree_not_null",
        ondelete="cascade",
        help="Who owes it before the law, where that is not the debtor itself.",
    )
    by_statement = fields.Boolean(help="Items of a month fall due together.")

    _partner_unique = models.UniqueIndex(
        "(company_id, partner_id, COALESCE(contact_id, 0), COALESCE(payer_id, 0), role)"
    )

    _rests = models.Index("(company_id, partner_id) WHERE role = 'rest'")

    # === FROM AN ITEM TO ITS CASE === #

    @api.model
    def _join_sql(self):
        """Return the JOIN from an open item to ``debtor`` and ``part``.

        It goes after ``line``, ``move`` and ``item`` of the query on open items.
        ``part.amount`` and ``part.amount_currency`` are what the debtor is asked for. A
        payer's share is rounded, the rest is what is left: together they are the item, to the
        cent, in both currencies. Only invoices and credit notes have shares; what the customer
        paid counts for the customer.
        """
        percent = SQL(
            """CASE WHEN move.move_type = 'entry' THEN 0
                    WHEN move.collection_payer_id IS NULL THEN debtor.share
                    ELSE COALESCE(NULLIF(move.collection_payer_share, 0), 100) END"""
        )
        return SQL(
            """
            JOIN collection_debtor debtor
              ON debtor.company_id = line.company_id
             AND debtor.partner_id = line.partner_id
             AND (debtor.contact_id IS NULL
                  OR debtor.contact_id = COALESCE(move.partner_id, line.partner_id))
             AND COALESCE(debtor.payer_id, 0) = COALESCE(move.collection_payer_id, 0)
             AND CASE debtor.role WHEN 'all' THEN TRUE
                                  WHEN 'payer' THEN %(percent)s > 0
                                  ELSE %(percent)s < 100 END
            CROSS JOIN LATERAL (
                SELECT CASE debtor.role
                            WHEN 'all' THEN item.amount
                            WHEN 'payer' THEN %(amount)s
                            ELSE item.amount - %(amount)s END AS amount,
                       CASE debtor.role
                            WHEN 'all' THEN item.amount_currency
                            WHEN 'payer' THEN %(amount_currency)s
                            ELSE item.amount_currency - %(amount_currency)s
                       END AS amount_currency
            ) part
            """,
            percent=percent,
            amount=self._share_sql("amount", "company_currency_id", percent),
            amount_currency=self._share_sql("amount_currency", "currency_id", percent),
        )

    @api.model
    def _share_sql(self, amount, currency, percent):
        return SQL(
            """ROUND(%s * %s / 100, (SELECT decimal_places FROM res_currency
                                      WHERE id = %s))""",
            SQL.identifier("item", amount),
            percent,
            SQL.identifier("line", currency),
        )

    # === MAINTENANCE === #

    @api.model
    def _sync(self, company):
        """Give all that is open in ``company`` its debtor, and repair what is not true any more.

        What our companies have in common is looked at together. Two statements whatever the
        number of partners, safe to run twice at once; more only where something moved.

        :return: the new cases
        """
        return self._map(company._collection_cluster())

    @api.model
    def _remap(self, partners):
        """Map the open items of ``partners`` anew at once: who is dunned for them has changed."""
        if not partners:
            return
        # Who may change a customer may move its items: the map follows, whoever works on it.
        debtors = self.sudo()
        self.env.flush_all()
        known = debtors.search(
            ["|", ("partner_id", "in", partners.ids), ("case_id.partner_id", "in", partners.ids)]
        )
        together = debtors.search([("case_id.partner_id", "in", known.case_id.partner_id.ids)])
        companies = self.env["res.company"].sudo().search([])
        cases = debtors._map(companies, partners | (known | together).partner_id)
        self.env["collection.portfolio"].sudo()._assign(cases)

    @api.model
    def _map(self, companies, partners=None):
        """Bring the map up to date; return the new cases.

        :param partners: only for these ledger partners, of whom nothing stale is kept; else
            for all that is open, and what was is kept for those who owe nothing now
        """
        self.env.flush_all()
        cr = self.env.cr
        routes = self.env["collection.route"]._routes_sql(companies, partners)
        cr.execute(
            SQL(
                """
                INSERT INTO collection_case (company_id, partner_id, country_id, salesperson_id,
                                             state, active,
                                             create_uid, write_uid, create_date, write_date)
                SELECT DISTINCT route.case_company_id, debtor.id, debtor.country_id,
                       debtor.user_id, 'current', TRUE, %(uid)s, %(uid)s,
                       NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                  FROM (%(routes)s) route
                  JOIN res_partner debtor ON debtor.id = route.debtor_id
                 WHERE NOT EXISTS (SELECT FROM collection_case known
                                    WHERE known.company_id = route.case_company_id
                                      AND known.partner_id = debtor.id)
                    ON CONFLICT (company_id, partner_id) DO NOTHING
             RETURNING id
                """,
                uid=self.env.uid,
                routes=routes,
            )
        )
        new_cases = self.env["collection.case"].browse(case for (case,) in cr.fetchall())
        left = self.env.execute_query(self._write_sql(companies, partners, routes))
        for model in ("collection.debtor", "collection.case", "collection.item"):
            self.env[model].invalidate_model()
        if left:
            self._let_go([case for (case,) in left])
        return new_cases

    @api.model
    def _write_sql(self, companies, partners, routes):
        """Return the statement that writes the map; it returns the cases that lost something.

        Rows are found by the index of the map, never by a join to what is wanted: its size is
        not known to the planner.
        """
        if partners is None:
            # Other rows of the same partner that contradict what was found.
            stale = SQL(
                """debtor.id IN (
                       SELECT id FROM known
                        WHERE (contact_id IS NULL) <> (wanted_contact IS NULL)
                           OR (COALESCE(contact_id, 0) = COALESCE(wanted_contact, 0)
                               AND COALESCE(payer_id, 0) = COALESCE(wanted_payer, 0)))"""
            )
        else:
            stale = SQL(
                "debtor.company_id = ANY(%s) AND debtor.partner_id = ANY(%s)",
                companies.ids,
                partners.ids,
            )
        return SQL(
            """
            WITH wanted AS MATERIALIZED (
                SELECT route.*, cases.id AS case_id
                  FROM (%(routes)s) route
                  JOIN collection_case cases ON cases.company_id = route.case_company_id
                                            AND cases.partner_id = route.debtor_id),
            known AS MATERIALIZED (
                SELECT debtor.id, debtor.case_id, debtor.contact_id, debtor.payer_id,
                       wanted.case_id AS wanted_case, wanted.contact_id AS wanted_contact,
                       wanted.payer_id AS wanted_payer, %(same)s AS is_same
                  FROM wanted
                  JOIN collection_debtor debtor ON debtor.company_id = wanted.company_id
                                               AND debtor.partner_id = wanted.partner_id),
            stale AS (
                DELETE FROM collection_debtor debtor
                 WHERE %(stale)s AND debtor.id NOT IN (SELECT id FROM known WHERE is_same)
             RETURNING debtor.case_id),
            written AS (
                INSERT INTO collection_debtor AS known (
                    company_id, partner_id, contact_id, payer_id, role, share, case_id, source,
                    entity_id, by_statement, create_uid, write_uid, create_date, write_date)
                SELECT wanted.company_id, wanted.partner_id, wanted.contact_id, wanted.payer_id,
                       wanted.role, wanted.share, wanted.case_id, wanted.source,
                       wanted.entity_id, wanted.by_statement, %(uid)s, %(uid)s,
                       NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                  FROM wanted
                 WHERE NOT EXISTS (
                       SELECT FROM collection_debtor debtor
                        WHERE debtor.company_id = wanted.company_id
                          AND debtor.partner_id = wanted.partner_id
                          AND %(same)s
                          AND (debtor.case_id, debtor.source, debtor.share, debtor.by_statement,
                               debtor.entity_id)
                              IS NOT DISTINCT FROM
                              (wanted.case_id, wanted.source, wanted.share, wanted.by_statement,
                               wanted.entity_id))
                    ON CONFLICT (company_id, partner_id, COALESCE(contact_id, 0),
                                 COALESCE(payer_id, 0), role)
             DO UPDATE SET case_id = EXCLUDED.case_id, source = EXCLUDED.source,
                           share = EXCLUDED.share, by_statement = EXCLUDED.by_statement,
                           entity_id = EXCLUDED.entity_id, write_uid = EXCLUDED.write_uid,
                           write_date = EXCLUDED.write_date)
            SELECT case_id FROM stale
             UNION
            SELECT case_id FROM known WHERE is_same AND case_id <> wanted_case
            """,
            routes=routes,
            stale=stale,
            same=SQL(
                """COALESCE(debtor.contact_id, 0) = COALESCE(wanted.contact_id, 0)
                   AND COALESCE(debtor.payer_id, 0) = COALESCE(wanted.payer_id, 0)
                   AND debtor.role = wanted.role"""
            ),
            uid=self.env.uid,
        )

    @api.model
    def _cancel_moved(self, cases):
        """End what waits in ``cases`` about items that are another debtor's now.

        What went out keeps its rank, which follows the item; what is unconfirmed stays with
        the person who has to look at it.

        :param list cases: ids
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT reminder.id
                  FROM collection_reminder reminder
                  JOIN collection_reminder_item sent ON sent.reminder_id = reminder.id
                  JOIN account_move_line line ON line.id = sent.line_id
                  JOIN account_move move ON move.id = line.move_id
                 WHERE reminder.case_id = ANY(%(cases)s)
                   AND reminder.state IN %(states)s
                   AND NOT EXISTS (
                       SELECT FROM (SELECT line.amount_residual AS amount,
                                           line.amount_residual_currency AS amount_currency) item
                              %(join)s
                        WHERE debtor.case_id = reminder.case_id)
                """,
                cases=cases,
                states=NOT_GONE,
                join=self._join_sql(),
            )
        )
        # The reminders of a case follow its items, whoever may see them.
        reminders = self.env["collection.reminder"].sudo().browse(one for (one,) in rows)
        reminders._cancel("moved")

    @api.model
    def _let_go(self, cases):
        """Remember that what moved from ``cases`` was reminded there, and end what waits.

        :param list cases: ids
        """
        self.env.cr.execute(
            SQL(
                "UPDATE collection_case SET has_lost_items = TRUE "
                "WHERE id = ANY(%s) AND has_lost_items IS NOT TRUE",
                cases,
            )
        )
        self._cancel_moved(cases)

    @api.model
    def _forget(self, partners):
        """Drop every row that names ``partners``, who are about to disappear."""
        self.sudo().search(
            [
                "|", "|", "|",
                ("partner_id", "in", partners.ids),
                ("contact_id", "in", partners.ids),
                ("payer_id", "in", partners.ids),
                ("entity_id", "in", partners.ids),
            ]
        ).unlink()

    @api.model
    def _find_case(self, company, partner):
        """Return the case that speaks for ``partner`` in ``company``; none where nothing is open.

        :param partner: a customer or one of its contacts
        """
        rows = self.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("payer_id", "=", False),
                ("role", "!=", SHARE),
            ]
        )
        own = rows.filtered(lambda row: row.contact_id == partner)
        return (own or rows.sorted(lambda row: row.contact_id != row.partner_id))[:1].case_id
