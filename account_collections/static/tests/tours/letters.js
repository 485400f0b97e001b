import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("account_collections_letters", {
    steps: () => [
        {
            content: "Choose the letter to print",
            trigger: ".o_data_row:contains('Dupont') .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Print it",
            trigger: ".o_control_panel button[name='action_print_letters']",
            run: "click",
        },
        {
            content: "The file for the printer is there, and the mailing list",
            trigger: ".o_field_widget[name='pdf']:contains('.pdf')",
        },
        {
            trigger: ".o_field_widget[name='recipients']:contains('.xlsx')",
        },
        {
            content: "It was posted",
            trigger: "button[name='action_posted']",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "Nothing of the mailing waits any more",
            trigger: ".o_form_view:not(:has(button[name='action_posted'])) .badge:contains('Sent')",
        },
        {
            content: "Open the lists",
            trigger: "[data-menu-xmlid='account_collections.collection_menu_ledger']",
            run: "click",
        },
        {
            content: "Back to the letters",
            trigger: "[data-menu-xmlid='account_collections.collection_letter_menu']",
            run: "click",
        },
        {
            content: "None is left to print or to post",
            trigger: ".o_view_nocontent:contains('No letter to print')",
        },
    ],
});

registry.category("web_tour.tours").add("account_collections_receipt", {
    steps: () => [
        {
            content: "Note the number of the registered letter",
            trigger: ".o_field_widget[name='tracking_number'] input",
            run: "edit 1A 000 000 0000 1",
        },
        {
            content: "Nobody signed for it",
            trigger: ".o_field_widget[name='receipt'] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Not collected')",
            run: "click",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It is saved",
            trigger: ".o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))",
        },
    ],
});
