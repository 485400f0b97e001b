import { registry } from "@web/core/registry";

/** The same steps for every language: only the words that a collector reads differ. */
function collectorSteps(words) {
    return [
        {
            content: "Open the cases",
            trigger: "[data-menu-xmlid='account_collections.collection_case_menu']",
            run: "click",
        },
        {
            content: "Open the case of Dupont",
            trigger: `.o_data_row:contains('Dupont'):contains('${words.inDunning}') .o_data_cell[name='partner_id']`,
            run: "click",
        },
        {
            content: "Ask why",
            trigger: `button[name='action_why']:contains('${words.why}')`,
            run: "click",
        },
        {
            content: "Every guard is there, and what the one that held saw",
            trigger: `.o_collection_why tr:contains('${words.doNotContact}')`,
        },
        {
            trigger: `.o_collection_why tr:contains('${words.waiting}') .fa-hand-paper-o`,
        },
        {
            content: "Close",
            trigger: `.modal-footer button:contains('${words.close}')`,
            run: "click",
        },
        {
            content: "Pause the case",
            trigger: `body:not(:has(.modal)) .o_statusbar_buttons button:contains('${words.pause}')`,
            run: "click",
        },
        {
            content: "Choose a reason",
            trigger: ".modal .o_field_widget[name='reason'] input",
            run: "click",
        },
        {
            trigger: `.o_select_menu_item:contains('${words.reason}')`,
            run: "click",
        },
        {
            content: "Choose the end, eight days from now",
            trigger: ".modal .o_field_widget[name='date_end'] .o_input",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='date_end'] input",
            run: "edit +8d",
        },
        {
            content: "Pause",
            trigger: ".modal-footer button[name='action_pause']",
            run: "click",
        },
        {
            content: "The case is paused",
            trigger: `.o_statusbar_status .o_arrow_button_current:contains('${words.paused}')`,
        },
        {
            content: "Resume",
            trigger: `button[name='action_lift_hold']:contains('${words.resume}')`,
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "The scenario goes on",
            trigger: `.o_statusbar_status .o_arrow_button_current:contains('${words.inDunning}')`,
        },
    ];
}

registry.category("web_tour.tours").add("account_collections_collector", {
    steps: () =>
        collectorSteps({
            why: "Why?",
            close: "Close",
            doNotContact: "Do not contact",
            waiting: "Reminder waiting",
            inDunning: "In dunning",
            pause: "Pause…",
            reason: "Payment announced",
            paused: "Paused",
            resume: "Resume",
        }),
});

registry.category("web_tour.tours").add("account_collections_collector_fr", {
    steps: () =>
        collectorSteps({
            why: "Pourquoi ?",
            close: "Fermer",
            doNotContact: "Ne pas contacter",
            waiting: "Relance en attente",
            inDunning: "En relance",
            pause: "Mettre en pause…",
            reason: "Règlement annoncé",
            paused: "En pause",
            resume: "Reprendre",
        }),
});
