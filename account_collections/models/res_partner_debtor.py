import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from stdnum.fr import siren, siret

#: Where companies bear a SIREN: France and its territories. Without a country we look too.
SIREN_COUNTRIES = (
    False, "FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF", "TF"
)

#: Written on a partner, these change who is dunned for it, or for others through it.
WHO_IS_DUNNED = {
    "active",
    "collection_grouping",
    "collection_head_id",
    "collection_payer_id",
    "collection_payer_share",
    "collection_split",
    "company_id",
    "company_registry",
    "country_id",
    "is_company",
    "parent_id",
}


class ResPartner(models.Model):
    """Whom we dun for a customer."""

    _inherit = "res.partner"

    collection_payer_id = fields.Many2one(
        "res.partner",
        string="Third-Party Payer",
        index="btree_not_null",
        ondelete="restrict",
        help="Pays this customer's invoices: reminders go to the payer and name the customer. "
        "An invoice may have a payer of its own.",
    )
    collection_payer_share = fields.Float(
        string="Payer's Share (%)",
        digits=(5, 2),
        help="Percent of each invoice that the payer pays, the rest stays with the customer. "
        "0 or 100: all of it.",
    )
    collection_head_id = fields.Many2one(
        "res.partner",
        string="Group Head",
        index="btree_not_null",
        ondelete="restrict",
        help="Receives one reminder for the whole group, where the company duns groups "
        "together. Formal notices still go to each legal entity.",
    )
    collection_member_ids = fields.One2many(
        "res.partner", "collection_head_id", string="Members of the Group"
    )
    collection_siren = fields.Char(
        string="SIREN",
        compute="_compute_collection_siren",
        store=True,
        index="btree_not_null",
        help="Nine digits of the French legal entity, read from its SIREN or SIRET when the "
        "check digits are right.",
    )
    collection_split = fields.Selection(
        [
            ("central", "Centrally, one reminder for all branches"),
            ("branch", "Each branch (contact of the invoice) by itself"),
        ],
        string="Branches",
        help="Empty: as the company decides.",
    )
    collection_grouping = fields.Selection(
        [
            ("invoice", "By invoice, each by its own due date"),
            ("statement", "By monthly statement, with one due date"),
        ],
        string="Due Dates",
        help="Empty: as the company decides.",
    )

    _collection_share = models.Constraint(
        "CHECK (collection_payer_share BETWEEN 0 AND 100)",
        "The share of a payer is between 0 and 100 percent.",
    )

    @api.depends("company_registry", "country_id")
    def _compute_collection_siren(self):
        for partner in self:
            partner.collection_siren = partner._read_siren()

    def _read_siren(self):
        """Return the SIREN in the registration number, False when it is none or mistyped."""
        self.ensure_one()
        number = re.sub(r"[\s.]", "", self.company_registry or "")
        if self.country_id.code not in SIREN_COUNTRIES:
            return False
        if len(number) == 14 and siret.is_valid(number):
            number = number[:9]
        return number if len(number) == 9 and siren.is_valid(number) else False

    @api.onchange("collection_payer_id")
    def _onchange_collection_payer_id(self):
        if self.collection_payer_id and not self.collection_payer_share:
            self.collection_payer_share = 100

    # === CHECKS === #

    @api.constrains("collection_payer_id", "company_id")
    def _check_collection_payer(self):
        for partner in self.filtered("collection_payer_id"):
            partner.collection_payer_id._check_pays_for(partner, partner.company_id)

    @api.constrains("collection_payer_id")
    def _check_collection_payer_chain(self):
        """Who pays for others cannot have a payer: nobody would know whom to ask."""
        for partner in self.filtered("collection_payer_id"):
            paid_for = self.search([("collection_payer_id", "=", partner.id)], limit=1)
            if paid_for:
                raise ValidationError(
                    self.env._(
                        "%(partner)s pays for %(customer)s and cannot have a payer itself.",
                        partner=partner.display_name,
                        customer=paid_for.display_name,
                    )
                )

    def _check_pays_for(self, customer, company):
        """Check that this partner can be the payer of ``customer``.

        :param company: our company, empty when the customer is shared
        :raises ValidationError: with what is wrong and what to choose instead
        """
        self.ensure_one()
        payer = self.commercial_partner_id
        names = {"payer": self.display_name, "customer": customer.display_name}
        if payer == customer.commercial_partner_id:
            raise ValidationError(
                self.env._("%(customer)s cannot be its own third-party payer.", **names)
            )
        if not self.active or not payer.active:
            raise ValidationError(
                self.env._("%(payer)s is archived and cannot pay for %(customer)s.", **names)
            )
        if payer.company_id and payer.company_id != company:
            raise ValidationError(
                self.env._(
                    "%(payer)s belongs to %(company)s only and cannot pay for %(customer)s.",
                    company=payer.company_id.sudo().name,  # its name only
                    **names,
                )
            )
        if payer.collection_payer_id:
            final = payer.collection_payer_id
            if final.commercial_partner_id == customer.commercial_partner_id:
                raise ValidationError(
                    self.env._("%(payer)s and %(customer)s cannot pay for each other.", **names)
                )
            raise ValidationError(
                self.env._(
                    "%(payer)s does not pay itself, %(final)s does: choose %(final)s as the "
                    "payer of %(customer)s.",
                    final=final.display_name,
                    **names,
                )
            )

    @api.constrains("collection_head_id", "company_id")
    def _check_collection_head(self):
        for partner in self.filtered("collection_head_id"):
            head = partner.collection_head_id
            names = {"head": head.display_name, "partner": partner.display_name}
            if head == partner or head.commercial_partner_id != head:
                raise ValidationError(
                    self.env._(
                        "%(head)s cannot head %(partner)s: choose another legal entity.", **names
                    )
                )
            if head.collection_head_id:
                raise ValidationError(
                    self.env._(
                        "%(head)s belongs to a group itself: choose %(top)s as the head of "
                        "%(partner)s.",
                        top=head.collection_head_id.display_name,
                        **names,
                    )
                )
            if partner.collection_member_ids:
                raise ValidationError(
                    self.env._("%(partner)s heads a group and cannot join another.", **names)
                )
            if not head.active:
                raise ValidationError(
                    self.env._("%(head)s is archived and cannot head a group.", **names)
                )
            if head.company_id and head.company_id != partner.company_id:
                raise ValidationError(
                    self.env._(
                        "%(head)s belongs to %(company)s only and cannot head %(partner)s.",
                        company=head.company_id.sudo().name,  # its name only
                        **names,
                    )
                )

    def _part_from_each_other(self):
        """Partners that become one neither pay for each other nor head each other."""
        for name in ("collection_payer_id", "collection_head_id"):
            self.filtered(lambda one, name=name: one[name] in self)[name] = False

    # === THE MAP FOLLOWS === #

    def write(self, vals):
        """Who is dunned follows hierarchy, payer, group and registration number at once."""
        if not WHO_IS_DUNNED & set(vals):
            return super().write(vals)
        before = self._get_mapped_together()
        result = super().write(vals)
        self.env["collection.debtor"]._remap(before | self._get_mapped_together())
        return result

    def _get_mapped_together(self):
        """Return the customers whose debtor depends on these partners, those archived too."""
        # Whom we dun is the same for every user: all partners count, whoever may see them.
        partners = self.sudo().with_context(active_test=False)
        family = partners | partners.commercial_partner_id
        sirens = [number for number in set(family.mapped("collection_siren")) if number]
        grouped = self.env["res.company"].sudo().search_count(
            [("collection_group", "=", True)], limit=1
        )
        domain = [
            "|", "|", "|",
            ("id", "child_of", partners.ids),
            ("collection_payer_id", "in", family.ids),
            ("collection_head_id", "in", family.ids),
            ("collection_siren", "in", sirens if grouped else []),
        ]
        together = family | partners.search(domain)
        rows = self.env["collection.debtor"].sudo().search(
            ["|", ("payer_id", "in", family.ids), ("contact_id", "in", family.ids)]
        )
        return (together | rows.partner_id).with_env(self.env)
