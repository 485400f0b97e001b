import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("account_collections_portal_contest", {
    steps: () => [
        {
            content: "Contest the invoice",
            trigger: "a[href*='/contest'][href*='item=']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Say what is wrong",
            trigger: ".form-check:contains('Quantity') input",
            run: "click",
        },
        {
            content: "With a part of it",
            trigger: "input[name='amount']",
            run: "edit 400",
        },
        {
            trigger: "textarea[name='text']",
            run: "edit Ten are missing",
        },
        {
            trigger: "input[name='name']",
            run: "edit Ann Clerk",
        },
        {
            content: "Send it",
            trigger: "button:contains('Contest')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It was received, and is there to be read",
            trigger: "[role='status']:contains('we have received it')",
        },
        {
            trigger: "article:contains('Ten are missing')",
        },
        {
            content: "Back to the account",
            trigger: "a:contains('Your account')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "section:contains('What you contest'):contains('Received')",
        },
    ],
});

registry.category("web_tour.tours").add("account_collections_portal_rejected", {
    steps: () => [
        {
            content: "See what became of it",
            trigger: "section:contains('What you contest') a:contains('do not agree')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "p:contains('the amount is due')",
        },
        {
            content: "Promise to pay then",
            trigger: "a:contains('Your account')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "a:contains('Promise a date')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "input[name='name']",
            run: "edit Ann Clerk",
        },
        {
            trigger: "button:contains('I will pay')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "[role='status']:contains('we have noted it')",
        },
    ],
});
