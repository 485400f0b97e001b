import { registry } from "@web/core/registry";

/* A call comes to a promise; days later it is broken, and somebody is to call again. */

registry.category("web_tour.tours").add("account_collections_promise", {
    steps: () => [
        {
            content: "Note what came of a call",
            trigger: ".o_statusbar_buttons button[name='action_note_call']",
            run: "click",
        },
        {
            content: "The customer will pay",
            trigger: ".modal .o_field_widget[name='result'] label:contains('Will pay'), .modal .o_field_widget[name='result'] input",
            run: "click",
        },
        {
            content: "All that is overdue is offered",
            trigger: ".modal .o_field_widget[name='promised_amount'] input:value('900.00')",
        },
        {
            content: "And a day",
            trigger: ".modal .o_field_widget[name='promised_date']",
        },
        {
            content: "Save",
            trigger: ".modal-footer button[name='action_note']",
            run: "click",
        },
        {
            content: "The case says until when it is promised",
            trigger: "body:not(:has(.modal)) .badge:contains('Promised until')",
        },
        {
            content: "Nothing is asked for until then",
            trigger: ".o_field_widget[name='decision_sentence']:contains('promised to pay')",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Promised')",
        },
    ],
});

registry.category("web_tour.tours").add("account_collections_promise_broken", {
    steps: () => [
        {
            content: "The promise is among the customer's",
            trigger: ".o_form_view .nav-link:contains('Promises')",
            run: "click",
        },
        {
            content: "It was broken",
            trigger: ".o_field_widget[name='promise_ids'] .o_data_row:contains('Broken')",
        },
        {
            content: "Somebody is to call about it",
            trigger: ".o-mail-Activity:contains('Promise broken')",
        },
        {
            content: "And dunning goes on",
            trigger: ".o_field_widget[name='decision_sentence']:contains('A promise was broken')",
        },
    ],
});
