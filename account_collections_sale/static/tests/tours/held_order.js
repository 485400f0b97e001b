import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("account_collections_sale_held", {
    steps: () => [
        {
            content: "The quotation says that it is held, and which payment releases it",
            trigger: ".alert-danger:contains('This order is held'):contains('500.00')",
        },
        {
            content: "It cannot be confirmed",
            trigger: "button[name='action_confirm']:not(.d-none)",
            run: "click",
        },
        {
            trigger: ".modal:contains('is held') .modal-footer button.btn-primary",
            run: "click",
        },
        {
            content: "The customer is written to",
            trigger: "body:not(:has(.modal)) button[name='action_send_payment_link']",
            run: "click",
        },
        {
            trigger: ".modal .o_field_html:contains('Pay now')",
        },
        {
            trigger: ".modal button.o_mail_send",
            run: "click",
        },
        {
            content: "The message has left, and credit management was asked",
            trigger: "body:not(:has(.modal)) .alert-danger:contains('Release asked for')",
        },
    ],
});

/** What the customer does with the link of the message: a document's number opens the account. */
registry.category("web_tour.tours").add("account_collections_sale_paid", {
    steps: () => [
        {
            content: "Say which document the message is about",
            trigger: "input[name='answer']",
            run: "edit HELD/2026/3",
        },
        {
            trigger: "button:contains('See my account')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Pay what is left",
            trigger: "#account_pay button[name='all']:contains('Pay all')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Pay by card",
            trigger: "#o_payment_form input[name='customer_input']",
            run: "edit 4111111111111111",
        },
        {
            trigger: "button[name='o_payment_submit_button']:not(:disabled)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is paid",
            trigger: "#paid_amount:contains('300.00')",
        },
    ],
});

registry.category("web_tour.tours").add("account_collections_sale_delivered", {
    steps: () => [
        {
            content: "Nothing is held any more",
            trigger: ".o_form_view:not(:has(.alert-danger:contains('This order is held')))",
        },
        {
            trigger: "button[name='action_confirm']:not(.d-none)",
            run: "click",
        },
        {
            content: "Deliver it",
            trigger: "button[name='action_view_delivery']",
            run: "click",
        },
        {
            trigger: "button[name='button_validate']",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Done')",
        },
    ],
});
