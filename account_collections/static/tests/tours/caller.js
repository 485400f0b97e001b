import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("account_collections_caller", {
    steps: () => [
        {
            content: "Choose the reminder to approve",
            trigger: ".o_data_row:contains('Martin') .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Approve it",
            trigger: ".o_control_panel button[name='action_approve']",
            run: "click",
        },
        {
            content: "It waits for nobody any more; choose the one to withdraw",
            trigger: "body:not(:has(.o_data_row:contains('Martin'))) .o_data_row:contains('Petit') .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Withdraw it",
            trigger: ".o_control_panel button[name='action_withdraw']",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "The call is what is left: note its result",
            trigger:
                "body:not(:has(.o_data_row:contains('Petit'))) .o_data_row:contains('+33 1 40 00 00 12') button[name='action_call_result']",
            run: "click",
        },
        {
            content: "The number is there to be dialled",
            trigger: ".modal a[href='tel:+33-1-40-00-00-12']",
        },
        {
            content: "They will pay",
            trigger: ".modal .o_field_widget[name='result'] input[data-value='will_pay']",
            run: "click",
        },
        {
            content: "Eight days from now",
            trigger: ".modal .o_field_widget[name='promised_date'] .o_input",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='promised_date'] input",
            run: "edit +8d",
        },
        {
            content: "Note it",
            trigger: ".modal-footer button[name='action_note']",
            run: "click",
        },
        {
            content: "Nothing waits any more",
            trigger: ".o_view_nocontent:contains('Nothing waits for you')",
        },
    ],
});
