import { onMounted } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { RadioField, radioField } from "@web/views/fields/radio/radio_field";

/**
 * Choices among which the first has the keyboard as soon as the form is there: the attribute
 * default_focus looks for an element with the field's own id, and choices have one each.
 */
export class FirstChoiceField extends RadioField {
    setup() {
        super.setup();
        // after the form, which gives the keyboard to its first text
        onMounted(() => queueMicrotask(() => this.takeFocus()));
    }

    takeFocus() {
        const [first] = this.items;
        document.getElementById(`${this.id}_${first[0]}`)?.focus();
    }
}

registry.category("fields").add("collection_first_choice", {
    ...radioField,
    component: FirstChoiceField,
});
