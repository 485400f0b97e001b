import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("account_collections_go_live", {
    steps: () => [
        {
            content: "Open the configuration",
            trigger: "[data-menu-xmlid='account_collections.collection_menu_config']",
            run: "click",
        },
        {
            content: "Start the go-live",
            trigger: "[data-menu-xmlid='account_collections.collection_go_live_menu']",
            run: "click",
        },
        {
            content: "Two items are overdue, none has a level",
            trigger: ".modal .o_field_widget[name='overdue_count']:contains('2')",
        },
        {
            trigger: ".modal .o_field_widget[name='standing_count']:contains('0')",
        },
        {
            content: "Add a step",
            trigger: ".modal .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "It takes items overdue for 30 days or more",
            trigger: ".modal .o_selected_row .o_field_widget[name='days'] input",
            run: "edit 30",
        },
        {
            content: "They have reached the second level",
            trigger: ".modal .o_selected_row .o_field_widget[name='level_id'] input",
            run: "edit Direct",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Test · Direct')",
            run: "click",
        },
        {
            content: "Set the levels",
            trigger: ".modal button[name='action_set_standing']",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary:contains('Ok')",
            run: "click",
        },
        {
            content: "One item was given its level",
            trigger: ".modal .o_field_widget[name='standing_count']:contains('1')",
        },
        {
            content: "Choose the portfolio",
            trigger: ".modal .o_field_widget[name='portfolio_ids'] input",
            run: "edit All",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('All')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='portfolio_ids'] .o_tag:contains('All')",
        },
        {
            content: "Activate it",
            trigger: ".modal button[name='action_activate']",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary:contains('Ok')",
            run: "click",
        },
        {
            content: "Today's run waits for the scheduled action",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Waiting to start')",
        },
    ],
});
