import { press, waitFor, waitUntil } from "@odoo/hoot-dom";
import { registry } from "@web/core/registry";

/** A step that presses a key where a line of this customer is the current one. */
function onLine(content, customer, key) {
    return {
        content,
        trigger: `body:not(:has(.modal)) .o_collection_current:contains('${customer}')`,
        run: `press ${key}`,
    };
}

function doneToday(count) {
    return { trigger: `.o_collection_achieved:contains('Done today: ${count}')` };
}

/** A morning by the keyboard: several kinds of work, then all that is left. */
registry.category("web_tour.tours").add("account_collections_morning", {
    steps: () => [
        {
            ...onLine("The customer who wrote comes first: look at the keys", "Dupont", "?"),
            timeout: 60000, // the first page of a server that has just begun
        },
        {
            content: "All keys are there",
            trigger: ".modal kbd:contains('Enter')",
            run: "press Escape",
        },
        onLine("Why is this the first?", "Dupont", "e"),
        {
            content: "The formula, with its figures",
            trigger: ".o_collection_explained:contains('900.00'):contains('per minute')",
        },
        {
            content: "The case is beside it, with what is open",
            trigger: ".o_collection_panel .o_field_widget[name='item_ids'] .o_data_row",
        },
        {
            content: "And its conversation",
            trigger: ".o_collection_panel .o-mail-Chatter",
        },
        onLine("It was answered", "Dupont", "x"),
        doneToday(1),
        onLine("The message to approve is there to be read", "Martin", "j"),
        onLine("Back to it", "Petit", "k"),
        {
            content: "Its text",
            trigger: ".o_collection_panel .o_field_widget[name='body']:contains('Please pay')",
        },
        onLine("Approve it", "Martin", "a"),
        doneToday(2),
        onLine("No: take that back", "Petit", "u"),
        {
            content: "It waits again",
            trigger: ".o_data_row[data-group-id]:contains('Martin')",
        },
        onLine("Back to it", "Petit", "k"),
        onLine("Approve it after all", "Martin", "a"),
        doneToday(2),
        onLine("Call the next", "Petit", "c"),
        {
            content: "Somebody was reached",
            trigger: ".modal .o_field_widget[name='result'] input[data-value='reached']",
            run: "click",
        },
        {
            content: "Note it",
            trigger: ".modal .o_field_widget[name='result'] input[data-value='reached']:checked",
            run: "press alt+q",
        },
        doneToday(3),
        onLine("A pause that nobody wants", "Dupont", "h"),
        {
            content: "Leave it",
            trigger: ".modal .o_field_widget[name='kind']",
            run: "press Escape",
        },
        onLine("The same line; the customer promises to pay", "Dupont", "p"),
        {
            content: "All that is overdue, in a week",
            trigger: ".modal .o_field_widget[name='date_promised']",
            run: "press alt+q",
        },
        doneToday(4),
        onLine("One for tomorrow", "Dupont", "l"),
        {
            content: "Everything else, line by line",
            trigger: ".o_collection_current",
            timeout: 60000, // many requests
            async run() {
                const count = () => document.querySelectorAll(".o_data_row[data-group-id]").length;
                while (count()) {
                    const left = count();
                    await waitFor(".o_collection_current");
                    await press("x");
                    await waitUntil(() => count() < left, { timeout: 10000 });
                }
            },
        },
        doneToday(14),
        {
            trigger: ".o_collection_achieved:contains('Calls: 1'):contains('Promised: $')",
        },
        {
            content: "Nothing is left today",
            trigger: ".o_view_nocontent:contains('Nothing waits for you')",
        },
    ],
});
