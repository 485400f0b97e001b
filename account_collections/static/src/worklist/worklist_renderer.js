import { useState } from "@odoo/owl";
import { ListRenderer } from "@web/views/list/list_renderer";

/** The lines of My Day: one of them is the current one, and arrows move it. */
export class WorklistRenderer extends ListRenderer {
    setup() {
        super.setup();
        this.work = useState(this.env.worklist.state);
    }

    getRowClass(record) {
        const classes = super.getRowClass(record);
        return record.resId === this.work.resId ? `${classes} o_collection_current` : classes;
    }

    onCellKeydownReadOnlyMode(hotkey, cell, group, record) {
        const step = { arrowdown: 1, arrowup: -1 }[hotkey];
        if (record && step) {
            this.env.worklist.move(step);
            return true;
        }
        if (record && hotkey === "enter") {
            this.env.worklist.open(record);
            return true;
        }
        return super.onCellKeydownReadOnlyMode(hotkey, cell, group, record);
    }
}
