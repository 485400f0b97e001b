import { onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { ProgressBarField, progressBarField } from "@web/views/fields/progress_bar/progress_bar_field";

const REFRESH_MS = 2000;

/** The progress of a run: the record is read again until the scheduled action is done. */
export class RunProgressField extends ProgressBarField {
    setup() {
        super.setup();
        const timer = setInterval(() => this.refresh(), REFRESH_MS);
        onWillUnmount(() => clearInterval(timer));
    }

    async refresh() {
        const { record } = this.props;
        if (record.data.state !== "done" && !document.hidden) {
            await record.load();
        }
    }
}

registry.category("fields").add("collection_run_progress", {
    ...progressBarField,
    component: RunProgressField,
    fieldDependencies: [{ name: "state", type: "selection" }],
});
