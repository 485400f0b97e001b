import { _t } from "@web/core/l10n/translation";

/**
 * What can be done about a row, by its code: a row names in its field `actions` those that its
 * reader may do. Those with a form are saved there; the others are done at once.
 */
export const ACTIONS = {
    approve: { key: "a", label: _t("Approve"), icon: "fa-check" },
    done: { key: "x", label: _t("Done"), icon: "fa-check" },
    call: { key: "c", label: _t("Call…"), icon: "fa-phone", hasForm: true },
    promise: { key: "p", label: _t("Promise…"), icon: "fa-handshake-o", hasForm: true },
    dispute: { key: "d", label: _t("Dispute…"), icon: "fa-balance-scale", hasForm: true },
    pause: { key: "h", label: _t("Pause…"), icon: "fa-pause", hasForm: true },
    statement: { key: "s", label: _t("Statement…"), icon: "fa-file-text-o", hasForm: true },
    later: { key: "l", label: _t("Tomorrow"), icon: "fa-clock-o" },
    withdraw: {
        key: "w",
        label: _t("Withdraw"),
        icon: "fa-ban",
        confirm: _t("This reminder will not leave. The next run decides anew."),
    },
};

/** Working days that a row is put off by Shift and the key of 'later'. */
export const A_WEEK = 5;

/** Keys that do nothing about a row but lead through the list; the help shows all of them. */
export const MOVES = [
    { keys: "j ↓", label: _t("Next line") },
    { keys: "k ↑", label: _t("Previous line") },
    { keys: "Enter", label: _t("Open the line on a page of its own") },
    { keys: "v", label: _t("The message, or the case") },
    { keys: "e", label: _t("Why this order?") },
    { keys: "m", label: _t("Write to the customer") },
    { keys: "u", label: _t("Take back what was just done") },
    { keys: "Shift l", label: _t("Put off for a week") },
    { keys: "?", label: _t("These keys") },
];

export function getActions(record) {
    const allowed = (record.data.actions || "").split(",");
    return Object.entries(ACTIONS)
        .filter(([code]) => allowed.includes(code))
        .map(([code, action]) => ({
            ...action,
            code,
            label: code === "done" ? record.data.done_label : action.label,
        }));
}
