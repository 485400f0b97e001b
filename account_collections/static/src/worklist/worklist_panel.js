import { Component, onMounted, onWillUpdateProps, useState, useSubEnv } from "@odoo/owl";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { useDebounced } from "@web/core/utils/timing";
import { formatMonetary } from "@web/views/fields/formatters";
import { getDefaultConfig, View } from "@web/views/view";
import { getActions } from "./worklist_actions";

/** Keys that are held down run through the list: a case is read where they come to rest. */
const REST_MS = 150;

/** Kinds of work that are about a message: whoever decides on it reads it first. */
const ABOUT_MESSAGES = ["2_repair", "2_unconfirmed", "3_approve", "4_letter", "4_task"];

/**
 * What the current line is about: what is at stake, what can be done, the case with its figures
 * and its conversation, and the message where there is one.
 */
export class WorklistPanel extends Component {
    static template = "account_collections.WorklistPanel";
    static components = { View };
    static props = {
        record: Object,
        version: Number,
        explained: { optional: true },
        act: Function,
        explain: Function,
        open: Function,
    };

    setup() {
        // The case is a guest: the title and the breadcrumb are the list's.
        useSubEnv({ config: getDefaultConfig() });
        this.state = useState({
            isMessageShown: this.isAboutMessage(this.props),
            shownKey: false,
        });
        // The line is there at once; the list does not wait for its case to be read.
        const rest = useDebounced((key) => (this.state.shownKey = key), REST_MS);
        onMounted(() => rest(this.getKey(this.props)));
        onWillUpdateProps((props) => {
            if (props.record.resId !== this.props.record.resId) {
                this.state.isMessageShown = this.isAboutMessage(props);
            }
            rest(this.getKey(props));
        });
        useHotkey("v", () => this.turn());
    }

    isAboutMessage({ record }) {
        return ABOUT_MESSAGES.includes(record.data.kind);
    }

    getKey({ record, version }) {
        return `${record.data.case_id.id}-${record.data.reminder_id?.id}-${version}`;
    }

    get isAtRest() {
        return this.state.shownKey === this.getKey(this.props);
    }

    get data() {
        return this.props.record.data;
    }

    get kind() {
        const { selection } = this.props.record.fields.kind;
        return selection.find(([value]) => value === this.data.kind)?.[1];
    }

    get perMinute() {
        return formatMonetary(this.data.stake, { currencyId: this.data.currency_id?.id });
    }

    get actions() {
        return getActions(this.props.record);
    }

    /** The message and the case are two sides of one panel. */
    turn(isMessageShown = !this.state.isMessageShown) {
        this.state.isMessageShown = isMessageShown && Boolean(this.data.reminder_id);
    }

    get shown() {
        return this.state.isMessageShown && this.data.reminder_id
            ? { model: "collection.reminder", id: this.data.reminder_id.id }
            : { model: "collection.case", id: this.data.case_id.id };
    }

    get viewKey() {
        return `${this.shown.model}-${this.state.shownKey}`;
    }

    get viewProps() {
        const { model, id } = this.shown;
        const view = `account_collections.${model.replace(".", "_")}_view_form_panel`;
        return {
            type: "form",
            resModel: model,
            resId: id,
            views: [[false, "form"]],
            context: { form_view_ref: view },
            display: { controlPanel: false },
            preventEdit: true,
        };
    }
}
