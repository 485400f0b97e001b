import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("account_collections_credit_manager", {
    steps: () => [
        ...stepUtils.goToAppSteps("account_collections.collection_menu_root", "Open Collections"),
        {
            content: "My Day comes first; look at the formal notice to approve",
            trigger: ".o_data_row:contains('Dupont') .o_data_cell[name='label']",
            run: "click",
        },
        {
            content: "It is beside the list; open it",
            trigger: ".o_collection_panel header a:contains('Dupont')",
            run: "click",
        },
        {
            content: "Change its subject",
            trigger: ".o_field_widget[name='subject'] input",
            run: "edit Formal notice, as agreed by telephone",
        },
        {
            content: "Approve it",
            trigger: "button[name='action_approve']",
            run: "click",
        },
        {
            content: "It is scheduled",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Scheduled')",
        },
        {
            content: "The changed text is marked",
            trigger: ".alert-info:contains('A person changed what the template said')",
        },
        {
            content: "Go to Today's Sendings",
            trigger: "[data-menu-xmlid='account_collections.collection_reminder_today_menu']",
            run: "click",
        },
        {
            content: "It waits there for its departure",
            trigger: ".o_data_row:contains('Formal notice, as agreed by telephone'):contains('Scheduled')",
        },
        {
            content: "Open the reminder of the other customer",
            trigger: ".o_data_row:contains('Martin') .o_data_cell[name='subject']",
            run: "click",
        },
        {
            content: "Withdraw it",
            trigger: "button[name='action_withdraw']",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is withdrawn, and says so",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Withdrawn')",
        },
    ],
});
