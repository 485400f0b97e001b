import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const MENU = "account_collections_insurance.collection_insurance";

/** A file whose headers nobody knows: ours, the limit, and what was decided. */
const LIMITS = "Ours;Line;What\nC-7;7500;GO\nC-8;none;GO\n";

async function upload(input) {
    const transfer = new DataTransfer();
    transfer.items.add(new File([LIMITS], "limits.csv", { type: "text/csv" }));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

function openImport() {
    return [
        {
            content: "Open what is under credit insurance",
            trigger: `button[data-menu-xmlid='${MENU}_menu']`,
            run: "click",
        },
        {
            content: "Import limits",
            trigger: `.dropdown-item[data-menu-xmlid='${MENU}_import_menu']`,
            run: "click",
        },
        {
            content: "Choose the insurer's file",
            trigger: ".modal .o_field_widget[name='file'] input[type='file']:not(:visible)",
            run: ({ anchor }) => upload(anchor),
        },
        {
            content: "It is there",
            trigger: ".modal .o_field_widget[name='file'] input:value('limits.csv')",
        },
    ];
}

function map(name, header) {
    return [
        {
            content: "Add a column",
            trigger: ".o_field_widget[name='column_ids'] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: `What it tells: ${name}`,
            trigger: ".o_selected_row [name='name'] .o_select_menu_toggler, .o_selected_row [name='name'] input",
            run: "click",
        },
        {
            content: "Choose it",
            trigger: `.o_select_menu_item:contains('${name}'), .o_popover .dropdown-item:contains('${name}')`,
            run: "click",
        },
        {
            content: `Its header: ${header}`,
            trigger: ".o_selected_row [name='header'] input",
            run: `edit ${header}`,
        },
    ];
}

registry.category("web_tour.tours").add("account_collections_insurance_import", {
    steps: () => [
        ...stepUtils.goToAppSteps("account_collections.collection_menu_root", "Open Collections"),
        ...openImport(),
        {
            content: "Preview",
            trigger: ".modal button[name='action_preview']",
            run: "click",
        },
        {
            content: "Nobody knows these headers",
            trigger: ".modal:contains('No column tells the buyer') .btn-primary",
            run: "click",
        },
        {
            content: "Say what they mean",
            trigger: ".modal button[name='action_open_insurer']",
            run: "click",
        },
        ...map("Customer code", "Ours"),
        ...map("Limit", "Line"),
        ...map("Decision", "What"),
        {
            content: "Open the words",
            trigger: ".o_notebook .nav-link[name='words']",
            run: "click",
        },
        {
            content: "Add a word",
            trigger: ".o_field_widget[name='word_ids'] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "As the file writes it",
            trigger: ".o_selected_row [name='name'] input",
            run: "edit Go",
        },
        {
            content: "What it means",
            trigger: ".o_selected_row [name='kind'] .o_select_menu_toggler, .o_selected_row [name='kind'] input",
            run: "click",
        },
        {
            content: "Choose it",
            trigger: ".o_select_menu_item:contains('Granted in part'), .o_popover .dropdown-item:contains('Granted in part')",
            run: "click",
        },
        ...stepUtils.saveForm(),
        ...openImport(),
        {
            content: "Preview again",
            trigger: ".modal button[name='action_preview']",
            run: "click",
        },
        {
            content: "One row is new",
            trigger: ".modal .o_data_row:contains('C-7'):contains('New buyer'):contains('7,500.00')",
        },
        {
            content: "The other one is rejected, and says why",
            trigger: ".modal .o_data_row:contains('C-8'):contains('no amount')",
        },
        {
            content: "Import",
            trigger: ".modal button[name='action_import']",
            run: "click",
        },
        {
            content: "The buyer has its limit",
            trigger: ".o_list_view .o_data_row:contains('C-7'):contains('Granted in part')",
        },
    ],
});
