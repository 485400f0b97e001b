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
