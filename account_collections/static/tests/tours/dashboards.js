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

/** Words of the English screen: none of them may be on the French one. */
const ENGLISH =
    /\b(Outstanding|Overdue|Cash|Days|Explore|Measure|Figures|since|Since|Not defined|Target|Gap|Largest|Customer|Stage|Company|Received|Forecast|Live|Nothing|Nobody|Change|Now)\b/;

registry.category("web_tour.tours").add("account_collections_dashboards_fr", {
    steps: () => [
        {
            content: "A name with markup is shown as it is written",
            trigger: ".o_collection_table td:contains('<b>Dupont</b>')",
        },
        {
            content: "Ask how a number is computed, and read all of the page",
            trigger: ".o_collection_tile[data-code='outstanding'] .o_collection_explain",
            run: "click",
        },
        {
            trigger: ".o_collection_tile[data-code='outstanding'] .o_collection_explanation",
            run() {
                const text = document.querySelector(".o_collection_dashboard").innerText;
                const english = text.match(ENGLISH);
                if (english || !text.includes("Encours")) {
                    throw new Error(`Not French: ${english}`);
                }
            },
        },
    ],
});
