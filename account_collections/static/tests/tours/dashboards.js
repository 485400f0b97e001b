import { registry } from "@web/core/registry";

/** One page: its tiles explain themselves and open what is behind them. */
function visit(menu) {
    return [
        {
            content: "Open the menu of dashboards",
            trigger: "[data-menu-xmlid='account_collections.collection_menu_dashboard']",
            run: "click",
        },
        {
            content: `Go to ${menu}`,
            trigger: `[data-menu-xmlid='account_collections.collection_${menu}']`,
            run: "click",
        },
    ];
}

const OUTSTANDING = ".o_collection_tile[data-code='outstanding']";

registry.category("web_tour.tours").add("account_collections_dashboards", {
    steps: () => [
        ...visit("dashboard_menu_performance"),
        {
            content: "Twelve months are drawn",
            trigger: ".o_collection_chart[data-chart='dso'] canvas",
        },
        {
            content: "Ask how it is computed",
            trigger: ".o_collection_tile[data-code='dso'] .o_collection_explain",
            run: "click",
        },
        {
            trigger: ".o_collection_tile[data-code='dso'] .o_collection_explanation:contains('90')",
        },
        ...visit("dashboard_menu_management"),
        {
            content: "Who owes most",
            trigger: ".o_collection_table:contains('Dupont')",
        },
        ...visit("dashboard_menu_operational"),
        {
            trigger: ".o_collection_tile[data-code='work']",
        },
        {
            content: "Look at what is behind the number",
            trigger: `${OUTSTANDING} .o_collection_tile_value`,
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Dupont')",
        },
        ...visit("simulator_menu"),
        {
            content: "Ten days less",
            trigger: "[data-slider='days'] input",
            run({ anchor }) {
                anchor.value = 10;
                anchor.dispatchEvent(new Event("change"));
            },
        },
        {
            trigger: "[data-slider='days'] .o_collection_arithmetic:contains('10.0')",
        },
    ],
});
