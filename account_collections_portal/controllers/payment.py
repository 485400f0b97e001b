import logging

from odoo import http
from odoo.addons.payment.controllers.portal import PaymentPortal
from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import request

from ..models.collection_case import PAGE
from .access import AccountAccess, account_form, account_page
from .inputs import Refused, get_lang, read_amount, read_number
from .outputs import get_writers

_logger = logging.getLogger(__name__)

AMOUNT_PREFIX = "amount_"


class PaymentStatus(PaymentPostProcessing):
    """Where Odoo lets a customer wait for the provider."""

    @http.route()
    def display_status(self, **kwargs):
        """For a transfer that was announced here there is nothing to wait for: our page says where
        it goes."""
        transaction = self._get_monitored_transaction()
        if transaction.collection_part_ids and transaction._is_announced():
            return request.redirect(transaction.landing_route)
        return super().display_status(**kwargs)


class AccountPayment(AccountAccess, PaymentPortal):
    """Pay what was chosen on the account page, by any provider that Odoo has.

    Choosing is a plain form and a page that can be reloaded. What was chosen comes back signed
    with the click on Pay; it is looked at again then, and only then a transaction is made.
    """

    # === CHOOSE === #

    @account_page("/pay")
    def pay(self, case, all="", **kwargs):
        """What was chosen, its total, and the ways to pay it."""
        if not case._is_payable_online():
            return None
        chosen = request.httprequest.args.getlist("item")
        amounts = {
            name.removeprefix(AMOUNT_PREFIX): text
            for name, text in kwargs.items()
            if name.startswith(AMOUNT_PREFIX)
        }
        values = {
            **self._prepare_portal_layout_values(),
            **get_writers(request.env),
            "page_name": "account_statement",
            "case": case,
            "contact": self._get_contact(case),
            "everything": all,
            "typed": amounts,
            "chosen": case.env["collection.item"],
            "basket": None,
            "refusal": "",
        }
        try:
            items = self._find_to_pay(case, chosen, all)
            values["chosen"] = items if amounts and not all else items.browse()
            parts = self._read_parts(items, amounts)
            values["basket"] = case._take(items, parts, not all)
        except Refused as refusal:
            values["refusal"] = str(refusal)
        else:
            values |= self._prepare_payment_form(case, values["basket"])
        return request.render("account_collections_portal.pay", values)

    def _find_to_pay(self, case, chosen, everything):
        """Return the items that a visitor chose.

        :param list chosen: ids of items, as texts
        :param str everything: to pay all instead, see ``_get_pay_key``
        """
        if not everything:
            return case._find_chosen({read_number(text) for text in chosen})
        ids = [read_number(text) for text in everything.split("-")]
        return case._find_everything(*ids if len(ids) == 2 else (0, 0))

    def _read_parts(self, items, amounts):
        """Return {item: amount} of the items that are to be paid in part.

        :param dict amounts: {id as text: amount as text}
        """
        parts = {}
        for item in items:
            typed = amounts.get(str(item.id), "").strip()
            if typed:
                try:
                    parts[item] = read_amount(typed, item.currency_id, get_lang(request.env))
                except Refused as refusal:
                    raise Refused(f"{item.move_name}: {refusal}") from refusal
        return parts

    def _get_payer(self, case):
        """Return, with all rights, whose payment it is: saved methods are the user's own."""
        user = request.env.user
        return case.partner_id if user._is_public() else user.partner_id

    def _get_ways(self, case, basket):
        """Return, with all rights, what the basket may be paid by: providers, methods, tokens."""
        payer = self._get_payer(case)
        # Nobody but the administrator reads providers; a visitor is shown their names.
        env = request.env(su=True)
        report = {}
        providers = env["payment.provider"]._get_compatible_providers(
            basket.company.id, payer.id, basket.total, currency_id=basket.currency.id,
            report=report,
        )
        methods = env["payment.method"]._get_compatible_payment_methods(
            providers.ids, payer.id, currency_id=basket.currency.id, report=report
        )
        tokens = env["payment.token"]
        if not request.env.user._is_public():
            tokens = tokens._get_available_tokens(providers.ids, payer.id)
        return providers, methods, tokens, report

    def _prepare_payment_form(self, case, basket):
        """Return what Odoo's own payment form asks for."""
        providers, methods, tokens, report = self._get_ways(case, basket)
        may_save = not request.env.user._is_public()
        return {
            "providers_sudo": providers,
            "payment_methods_sudo": methods,
            "tokens_sudo": tokens,
            "availability_report": report if request.env.user._is_internal() else {},
            "show_tokenize_input_mapping": {
                provider: may_save and shown
                for provider, shown in self._compute_show_tokenize_input_mapping(providers).items()
            },
            "amount": basket.total,
            "currency": basket.currency,
            "partner_id": self._get_payer(case).id,
            "transaction_route": f"{PAGE}/pay/transaction",
            "landing_route": PAGE,
            "access_token": case._sign_basket(basket),
            "is_ours": request.env.user._is_internal(),
        }

    # === PAY === #

    @http.route(
        f"{PAGE}/pay/transaction", type="jsonrpc", auth="public", website=True, sitemap=False
    )
    def pay_transaction(self, access_token=None, amount=None, **kwargs):
        """Make the transaction of what was signed; return how its provider goes on.

        A refusal is what Odoo's payment form shows to the customer, and no error of ours.
        """
        try:
            self._count_payment(request.httprequest.remote_addr)
            case, amounts = self._read_choice(access_token)
            self._count_payment(f"case {case.id}")
            with request.env.cr.savepoint():
                return self._begin_payment(case, amounts, amount, kwargs)
        except Refused as refusal:
            message = str(refusal)
        except UserError as error:
            # It is written for those who work here, and may tell more than a customer is to know.
            _logger.info("A payment was not begun: %s", error)
            message = request.env._(
                "The payment could not be begun. Please pay in another way, or ask us."
            )
        return {"state": "error", "state_message": message}

    def _count_payment(self, visitor):
        attempts = request.env["collection.portal.attempt"].sudo()  # written for anybody
        if not attempts._is_allowed("pay", visitor):
            raise Refused(
                request.env._("There were too many payments begun. Please wait a few minutes.")
            )

    def _begin_payment(self, case, amounts, amount, kwargs):
        """Return the processing values of the transaction that a click makes, or made before.

        :raises Refused: in the customer's words; whatever is forged gives the same answer
        """
        request.env["collection.payment.turn"]._take(case)
        how = self._read_way(kwargs)
        key = case._get_basket_key(amounts, self._get_payer(case).id, *how.values())
        transactions = request.env["payment.transaction"].sudo()  # a visitor's own: see the key
        transaction = transactions._find_same_click(key)
        if not transaction:
            basket = case._check_again(amounts)
            self._check_amount(amount, basket)
            self._check_way(case, basket, how)
            transaction = self._create_collection_transaction(case, basket, how, key)
        PaymentPostProcessing.monitor_transaction(transaction)
        return transaction._get_processing_values()

    def _expired(self):
        return Refused(
            request.env._("This page has expired. Please choose again on your account page.")
        )

    def _read_choice(self, token):
        """Return the case and the amounts of a signed choice, if the visitor may see the case."""
        choice = isinstance(token, str) and request.env["collection.case"]._read_basket(token)
        if not choice:
            raise self._expired()
        case_id, amounts = choice
        case = self._find_one(case_id)
        if not case or self._must_confirm(case):
            raise self._expired()
        if request.env.user._is_internal():
            raise Refused(
                request.env._("You see this page as the customer does; they pay here.")
            )
        if not case._is_payable_online():
            raise self._expired()
        return case, amounts

    def _read_way(self, kwargs):
        """Return how a visitor wants to pay: ids and a flow, or nothing of the kind."""
        ids = {
            name: kwargs.get(name) if type(kwargs.get(name)) is int else None
            for name in ("provider_id", "payment_method_id", "token_id")
        }
        is_to_save = bool(kwargs.get("tokenization_requested"))
        return {**ids, "flow": str(kwargs.get("flow")), "save": is_to_save}

    def _check_amount(self, amount, basket):
        is_number = isinstance(amount, (int, float)) and not isinstance(amount, bool)
        if not is_number or basket.currency.compare_amounts(amount, basket.total):
            raise self._expired()

    def _check_way(self, case, basket, how):
        """Let nobody pay by what the page does not offer them."""
        providers, methods, tokens, _report = self._get_ways(case, basket)
        provider = providers.filtered(lambda one: one.id == how["provider_id"])
        method = methods.filtered(lambda one: one.id == how["payment_method_id"])
        if how["flow"] == "token":
            token = tokens.filtered(lambda one: one.id == how["token_id"])
            is_offered = token and token.provider_id == provider
        else:
            is_offered = how["flow"] in ("direct", "redirect") and provider in method.provider_ids
        if not provider or not is_offered:
            raise self._expired()

    def _create_collection_transaction(self, case, basket, how, key):
        """Make the transaction with its parts, and charge a saved method."""
        payer = self._get_payer(case)
        parts = case._prepare_payment_parts(basket)
        transaction = self._create_transaction(
            provider_id=how["provider_id"],
            payment_method_id=how["payment_method_id"],
            token_id=how["token_id"],
            amount=basket.total,
            currency_id=basket.currency.id,
            partner_id=payer.id,
            flow=how["flow"],
            tokenization_requested=how["save"] and not request.env.user._is_public(),
            landing_route=PAGE,
            reference_prefix=case._get_payment_reference(basket),
            custom_create_values={
                "collection_key": key,
                "collection_part_ids": [Command.create(values) for values in parts],
            },
        )
        transaction.landing_route = f"{PAGE}/paid/{transaction.id}?case={case.id}"
        return transaction

    # === AFTERWARDS === #

    @account_page("/paid/<int:transaction_id>")
    def paid(self, case, transaction_id, **_kwargs):
        """What became of a payment: paid, under way, announced or failed."""
        transaction = case._get_portal_transaction(transaction_id)
        if not transaction:
            return None
        return request.render(
            "account_collections_portal.paid",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "account_statement",
                "case": case,
                "contact": self._get_contact(case),
                "tx": transaction,
                "again": self._get_again(case, transaction),
            },
        )

    def _get_again(self, case, transaction):
        """Return what chooses the items of a payment once more, as far as they still are open."""
        items = transaction._get_collection_items(case)
        return "&".join(f"item={item.id}" for item in items)

    @account_form("/paid/<int:transaction_id>/withdraw")
    def withdraw(self, case, transaction_id, **_kwargs):
        """The customer pays in another way than by the transfer that was announced."""
        transaction = case._get_portal_transaction(transaction_id)
        if not transaction or request.env.user._is_internal():
            return None
        if transaction._is_announced():
            transaction._set_canceled()
        again = self._get_again(case, transaction)
        return request.redirect(f"{PAGE}/pay?case={case.id}&{again}")
