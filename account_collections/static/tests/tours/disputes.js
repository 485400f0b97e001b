import { registry } from "@web/core/registry";

/** A collector opens a dispute on a part of an invoice; it goes to whom the reason says. */
registry.category("web_tour.tours").add("account_collections_dispute_open", {
    steps: () => [
        {
            content: "Open the cases",
            trigger: "[data-menu-xmlid='account_collections.collection_case_menu']",
            run: "click",
        },
        {
            content: "Open the case of Dupont",
            trigger: ".o_data_row:contains('Dupont') .o_data_cell[name='partner_id']",
            run: "click",
        },
        {
            content: "The customer disputes something",
            trigger: "button[name='action_dispute']",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name='reason_id'] input",
            run: "edit Quantity",
        },
        {
            trigger: ".ui-menu-item a:contains('Quantity')",
            run: "click",
        },
        {
            content: "What the customer says",
            trigger: ".modal .o_field_widget[name='description'] textarea",
            run: "edit Ten bags are missing",
        },
        {
            content: "How much of it",
            trigger: ".modal .o_data_row .o_data_cell[name='amount_currency']",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row .o_field_widget[name='amount_currency'] input",
            run: "edit 300",
        },
        {
            content: "Whatever has an amount of its own is meant",
            trigger: ".modal .o_field_widget[name='description'] textarea",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row .o_field_widget[name='selected'] input:checked",
        },
        {
            content: "Open it",
            trigger: ".modal-footer button[name='action_open']",
            run: "click",
        },
        {
            content: "It is new, and somebody else's",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('New')",
        },
        {
            trigger: ".o_field_widget[name='amount']:contains('300.00')",
        },
        {
            trigger: ".o-mail-Activity:contains('Solve the dispute')",
        },
    ],
});

/** Its owner, who sees nothing of accounting, looks into it and accepts. */
registry.category("web_tour.tours").add("account_collections_dispute_solve", {
    steps: () => [
        {
            content: "My dispute stands among the new ones",
            trigger: ".o_kanban_record:contains('Dupont'):contains('Quantity')",
            run: "click",
        },
        {
            content: "The amounts are there, without the books",
            trigger: ".o_data_row .o_data_cell[name='amount_currency']:contains('300.00')",
        },
        {
            trigger: "body:not(:has(button[name='action_open_documents']))",
        },
        {
            content: "Take it up",
            trigger: "button[name='action_investigate']:contains('Investigate')",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Investigating')",
        },
        {
            content: "Decide",
            trigger: "button[name='action_resolve']",
            run: "click",
        },
        {
            content: "Accept all of it",
            trigger: ".modal .o_field_widget[name='outcome'] label:contains('Accept all of it')",
            run: "click",
        },
        {
            content: "Say what was found",
            trigger: ".modal .o_field_widget[name='note'] textarea",
            run: "edit The driver left them at the depot",
        },
        {
            trigger: ".modal-footer button[name='action_resolve']",
            run: "click",
        },
        {
            content: "It is accepted",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Accepted')",
        },
        {
            content: "The credit note is not for its owner to draft",
            trigger: "body:not(:has(button[name='action_draft_credit_note']))",
        },
    ],
});

/** An accountant without a role in collections drafts the credit note and posts it. */
registry.category("web_tour.tours").add("account_collections_dispute_credit", {
    steps: () => [
        {
            content: "Open the accepted dispute",
            trigger: ".o_kanban_record:contains('Dupont')",
            run: "click",
        },
        {
            content: "Draft its credit note",
            trigger: "button[name='action_draft_credit_note']",
            run: "click",
        },
        {
            content: "It comes to what was accepted",
            trigger: ".o_field_widget[name='tax_totals']:contains('300.00')",
        },
        {
            content: "Post it",
            trigger: ".o_statusbar_buttons button[name='action_post']:visible",
            run: "click",
        },
        {
            content: "Posted",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Posted')",
        },
        {
            content: "Back to the dispute",
            trigger: ".o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            content: "It is closed",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Closed')",
        },
    ],
});
