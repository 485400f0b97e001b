import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { ACTIONS, MOVES } from "./worklist_actions";

/** All keys of My Day, as a dialog. */
export class WorklistHelp extends Component {
    static template = "account_collections.WorklistHelp";
    static components = { Dialog };
    static props = { close: Function };

    setup() {
        const actions = Object.values(ACTIONS).map(({ key, label }) => ({ keys: key, label }));
        this.rows = [...MOVES, ...actions];
    }
}
