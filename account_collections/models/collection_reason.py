from odoo import api, fields, models
from odoo.tools import format_date, formatLang
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

#: Code → (short label, sentence). The sentence may use what the guard saw, by name.
REASONS = {
    # outcomes
    "level_called": (_lt("Level reached"), _lt("%(level)s became due on %(day)s.")),
    "level_called_no_address": (
        _lt("Level reached, no address"),
        _lt(
            "%(level)s became due on %(day)s; there is no usable address, so a person takes over."
        ),
    ),
    "late_predicted": (
        _lt("Probably late"),
        _lt("%(level)s: it will be paid late with a probability of %(percent)s %%."),
    ),
    "promise_broken": (
        _lt("Promise broken"),
        _lt("A promise was broken: %(level)s is due at once."),
    ),
    "dispute_rejected": (
        _lt("Dispute decided"),
        _lt("A dispute was not accepted in full: dunning goes on with %(level)s."),
    ),
    "debit_rejected": (
        _lt("Direct debit rejected"),
        _lt("A direct debit came back: a person calls today."),
    ),
    "not_yet": (_lt("Not yet"), _lt("The next reminder is due on %(date)s.")),
    "not_due": (_lt("Nothing overdue"), _lt("Nothing is overdue.")),
    "ladder_done": (
        _lt("End of the ladder"),
        _lt("Every level of the scenario has gone out: a person decides what comes next."),
    ),
    "nothing_owed": (_lt("Nothing owed"), _lt("The customer owes nothing.")),
    "credit_balance": (
        _lt("Credit balance"),
        _lt("We owe the customer more than it owes: refund or allocate the credit."),
    ),
    "error": (_lt("Error"), _lt("The decision failed: %(error)s")),
    "thanks_called": (
        _lt("Thank-you"),
        _lt("What was reminded is paid and nothing else is overdue: %(level)s."),
    ),
    "thanks_due": (
        _lt("Paid"),
        _lt("Nothing is owed; a thank-you leaves on %(date)s."),
    ),
    # item guards
    "insolvency": (
        _lt("Before the insolvency"),
        _lt("It is owed from before the judgment: it is declared, not dunned."),
    ),
    "retention": (
        _lt("Retention money"),
        _lt("The customer may keep it until its release."),
    ),
    "probably_paid": (
        _lt("Probably paid"),
        _lt("Money has arrived that probably pays it and is not allocated yet."),
    ),
    "probably_paid_shared": (
        _lt("Probably paid, by this or another customer"),
        _lt(
            "Money has arrived that is not allocated yet and may pay it, or the debt of "
            "another customer: both wait."
        ),
    ),
    "draft_credit": (
        _lt("Draft credit note"),
        _lt("A credit note for it is being prepared."),
    ),
    "payment_run": (
        _lt("Payment run"),
        _lt("The customer pays on fixed days: it waits for the next of its payment runs."),
    ),
    "no_followup": (
        _lt("Excluded by accounting"),
        _lt("The accountant excluded it from follow-up."),
    ),
    "intercompany": (_lt("Intercompany"), _lt("The customer is one of our own companies.")),
    "assigned": (_lt("Assigned to a factor"), _lt("The invoice was assigned to a factor.")),
    "deposit": (_lt("Deposit"), _lt("It is a deposit or prepayment of an order.")),
    "unsent": (_lt("Never sent"), _lt("The invoice was never sent to the customer.")),
    "disputed": (
        _lt("Disputed"),
        _lt("The customer disputes it: only the rest is asked for until that is settled."),
    ),
    "until_maturity": (
        _lt("Debit or bill in hand"),
        _lt("A direct debit or a bill is in hand and may still be paid or returned."),
    ),
    "promised": (
        _lt("Promised"),
        _lt("The customer promised to pay it: it is checked on %(end)s whether it did."),
    ),
    "payment_in_process": (
        _lt("Payment in process"),
        _lt("A payment without a journal entry is registered on the invoice."),
    ),
    "task_open": (
        _lt("With a person"),
        _lt("A person has an open task about it."),
    ),
    "small_residual": (
        _lt("Small residual"),
        _lt("What is left is too small to ask for: write it off."),
    ),
    "credit": (_lt("Covered by a credit"), _lt("Credits of the customer cover it.")),
    "passed_over": (
        _lt("Channel passed over"),
        _lt("%(channel)s: %(cause)s"),
    ),
    # case guards
    "state": (_lt("Stage of the case"), _lt("The case is %(state)s.")),
    "archived": (_lt("Customer archived"), _lt("The customer is archived.")),
    "do_not_contact": (_lt("Do not contact"), _lt("The case is marked 'do not contact'.")),
    "hold": (_lt("Paused"), _lt("Paused until %(end)s: %(why)s.")),
    "no_scenario": (
        _lt("No scenario"),
        _lt("No scenario takes this customer and there is no fallback."),
    ),
    "no_level": (_lt("Scenario without levels"), _lt("The scenario has no level.")),
    "stuck": (
        _lt("Delivery to repair"),
        _lt("The last reminder is %(state)s: a person repairs it before the next level."),
    ),
    "pending": (_lt("Reminder waiting"), _lt("A reminder waits to leave (%(state)s).")),
    "low_total": (
        _lt("Below the threshold"),
        _lt("%(total)s overdue is below the scenario's threshold of %(threshold)s."),
    ),
    "too_soon": (
        _lt("Too soon"),
        _lt("The last reminder left on %(last)s; at least %(min_days)s days are left between."),
    ),
    "salesperson_told": (
        _lt("Salesperson told first"),
        _lt("The salesperson hears of it first: it leaves on %(date)s, unless they ask to wait."),
    ),
    "no_address": (_lt("No address"), _lt("There is no usable address for this level.")),
    # ends of a reminder
    "withdrawn": (_lt("Withdrawn"), _lt("Withdrawn by a person.")),
    "paid": (_lt("Nothing left to claim"), _lt("Nothing was left to claim.")),
    "level_deleted": (_lt("Level deleted"), _lt("Its level was deleted.")),
    "replaced": (_lt("Replaced"), _lt("Replaced by a later go-live.")),
    "merged": (_lt("Cases merged"), _lt("The case was merged into another.")),
    "not_live": (_lt("Simulation"), _lt("The portfolio of the case is in simulation.")),
    "other_channel": (
        _lt("Another channel"),
        _lt("Asked again at departure, it no longer leaves by this channel."),
    ),
    "no_longer_called": (
        _lt("No longer called for"),
        _lt("Asked again at departure, the decision had changed."),
    ),
}

#: Why a recipient has no usable address for a channel: code → sentence.
CAUSES = {
    "no_address": _lt("nobody with an address for it was found."),
    "no_email": _lt("the recipient has no e-mail address."),
    "email_bounced": _lt("a message to the recipient's address came back."),
    "sms_missing": _lt("the recipient has no phone number."),
    "sms_invalid": _lt("the recipient's phone number is not valid."),
    "sms_extension": _lt("the recipient's phone number has an extension."),
    "sms_foreign": _lt("the recipient's phone number belongs to another country."),
    "sms_premium": _lt("the recipient's phone number is a premium-rate one."),
    "sms_landline": _lt("the recipient's phone number is not a mobile."),
    "sms_refused": _lt("a message to the recipient's mobile was refused."),
    "sms_blacklisted": _lt("the recipient's mobile is blacklisted."),
    "call_missing": _lt("the recipient has no phone number."),
    "call_invalid": _lt("the recipient's phone number is not valid."),
    "call_premium": _lt("the recipient's phone number is a premium-rate one."),
    "call_wrong": _lt("a caller found the recipient's phone number to be wrong."),
    "letter_incomplete": _lt("the recipient's postal address is incomplete."),
    "letter_returned": _lt("a letter to the recipient's address came back."),
}

#: What a guard saw, by the way it is shown.
AMOUNTS = ("total", "threshold", "amount")
DATES = ("date", "last", "end")


class CollectionReason(models.AbstractModel):
    """The sentence behind each reason code, in the user's language."""

    _name = "collection.reason"
    _description = "Reasons of Decisions"

    @api.model
    def _get_reasons(self):
        """Return code → (label, sentence); add-ons with guards of their own extend it."""
        return REASONS

    @api.model
    def _get_label(self, code):
        """Return the short label of ``code``, or the code itself when nobody registered it."""
        label, _sentence = self._get_reasons().get(code, (code, code))
        return self.env._(label) if not isinstance(label, str) else label

    @api.model
    def _explain(self, decision):
        """Return the sentence of a decision, with its earliest next date."""
        text = self._fill(decision, decision.reason, decision.seen or {})
        if decision.next_date and decision.reason != "not_yet":
            day = format_date(self.env, decision.next_date)
            # Apart from the f-string, or the term would escape its translators.
            after = self.env._("Next reminder not before %(date)s.", date=day)
            text = f"{text} {after}"
        if decision.simulated:
            simulation = self.env._("Simulation: nothing leaves.")
            text = f"{text} {simulation}"
        return text

    @api.model
    def _explain_trace(self, decision):
        """Return what 'Why?' shows: a dict (label, text, stopped) for each guard, in order."""
        return [
            {
                "code": code,
                "label": self._get_label(code),
                "stopped": stopped,
                "text": self._explain_entry(decision, code, seen) if stopped else "",
            }
            for code, stopped, seen in decision.trace or []
        ]

    @api.model
    def _explain_entry(self, decision, code, seen):
        text = self._fill(decision, code, seen)
        if "count" in seen:
            amount = formatLang(
                self.env, float(seen["amount"]), currency_obj=decision.currency_id
            )
            found = self.env._("%(count)s items, %(amount)s", count=seen["count"], amount=amount)
            text = f"{text} ({found})"
        return text

    @api.model
    def _fill(self, decision, code, seen):
        _label, sentence = self._get_reasons().get(code, (code, code))
        values = {
            "level": decision.level_id.name or self.env._("a deleted level"),
            "day": format_date(self.env, decision.date_from),
        }
        for key, value in seen.items():
            if key in AMOUNTS:
                value = formatLang(self.env, float(value), currency_obj=decision.currency_id)
            elif key in DATES:
                value = format_date(self.env, fields.Date.to_date(value))
            elif key == "state":
                value = self._get_state_label(value)
            elif key == "why":
                value = self._get_hold_label(value)
            elif key == "channel":
                value = self._get_channel_label(value)
            elif key == "cause":
                value = self._get_cause(value)
            values[key] = value
        return (sentence if isinstance(sentence, str) else self.env._(sentence)) % values

    @api.model
    def _get_state_label(self, state):
        """Return the label of a state of a reminder or of a case."""
        for model in ("collection.reminder", "collection.case"):
            labels = dict(self.env[model]._fields["state"]._description_selection(self.env))
            if state in labels:
                return labels[state].lower()
        return state

    @api.model
    def _get_channel_label(self, channel):
        labels = self.env["collection.level"]._fields["channel"]._description_selection(self.env)
        return dict(labels).get(channel, channel)

    @api.model
    def _get_cause(self, code):
        """Return why a recipient cannot be reached by a channel, as a sentence."""
        cause = CAUSES.get(code, code)
        return cause if isinstance(cause, str) else self.env._(cause)

    @api.model
    def _get_hold_label(self, reason):
        reasons = self.env["collection.hold"]._fields["reason"]
        return dict(reasons._description_selection(self.env)).get(reason, reason)
