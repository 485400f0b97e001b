import { onWillStart, useEffect, useExternalListener, useState, useSubEnv } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { ListController } from "@web/views/list/list_controller";
import { A_WEEK, ACTIONS, getActions } from "./worklist_actions";
import { WorklistHelp } from "./worklist_help";
import { WorklistPanel } from "./worklist_panel";

/** Figures of a group that shrink with its lines. */
const SUMS = ["amount", "gain", "minutes"];

/** My Day: a list with a current line, the case of it beside, and a key for everything. */
export class WorklistController extends ListController {
    static template = "account_collections.Worklist";
    static components = { ...ListController.components, WorklistPanel };

    setup() {
        super.setup();
        // Keys are for the lines: who searches presses a key or a button for it.
        this.env.config.disableSearchBarAutofocus = true;
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.work = useState({
            resId: false,
            version: 0,
            explained: false,
            isBusy: false,
            undo: false,
            achieved: { count: 0, lines: [] },
        });
        useSubEnv({
            worklist: {
                state: this.work,
                move: (step) => this.move(step),
                open: (line) => this.open(line),
            },
        });
        onWillStart(async () => {
            this.work.achieved = await this.orm.call("collection.todo", "get_achieved");
        });
        useEffect(
            () => {
                this.keepCurrent();
            },
            () => [this.lines.map((line) => line.resId).join()]
        );
        useEffect(
            () => this.focusCurrent(),
            () => [this.current?.id]
        );
        this.setupKeys();
    }

    setupKeys() {
        const isAvailable = () => !this.env.isSmall;
        const onKey = (key, callback, options = {}) =>
            useHotkey(key, callback, { isAvailable, ...options });
        const inList = (target) => !this.env.isSmall && !target.closest(".o_collection_panel");
        for (const [keys, step] of [
            [["j", "arrowdown"], 1],
            [["k", "arrowup"], -1],
        ]) {
            onKey(keys[0], () => this.move(step), { allowRepeat: true });
            onKey(keys[1], () => this.move(step), { allowRepeat: true, isAvailable: inList });
        }
        for (const [code, { key }] of Object.entries(ACTIONS)) {
            onKey(key, () => this.act(code));
        }
        onKey("shift+l", () => this.act("later", { days: A_WEEK }));
        onKey("e", () => this.explain());
        onKey("m", () => this.writeToCustomer());
        onKey("u", () => this.takeBack());
        // No key of its own on many keyboards, so that the hotkeys of Odoo leave it out.
        useExternalListener(window, "keydown", (ev) => {
            const isTyping = ev.target.closest?.("input, textarea, [contenteditable='true']");
            if (ev.key === "?" && !isTyping && this.ui.activeElement === document) {
                this.help();
            }
        });
    }

    // === THE CURRENT LINE === //

    /** The lines that are loaded and not folded away, from top to bottom. */
    get lines() {
        const collect = (list) =>
            list.isGrouped
                ? list.groups.filter((group) => !group.isFolded).flatMap(({ list }) => collect(list))
                : list.records;
        return this.model.isReady ? collect(this.model.root) : [];
    }

    get current() {
        return this.lines.find((line) => line.resId === this.work.resId);
    }

    async keepCurrent() {
        if (!this.current) {
            const { lines } = this;
            this.work.resId = (lines[0] || (await this.unfoldNext()))?.resId || false;
        }
    }

    /** Unfold the first folded group below the ones that are open, and return its first line. */
    async unfoldNext() {
        const { root } = this.model;
        if (!this.model.isReady || !root.isGrouped) {
            return;
        }
        const last = root.groups.findLastIndex((group) => !group.isFolded);
        const next = root.groups.slice(last + 1).find((group) => group.count);
        await next?.toggle();
        return next?.list.records?.[0];
    }

    select(line) {
        this.work.resId = line.resId;
    }

    async move(step) {
        const { lines } = this;
        const index = lines.indexOf(this.current) + step;
        const line = index < lines.length ? lines[index] : await this.unfoldNext();
        if (line) {
            this.select(line);
        }
    }

    focusCurrent() {
        const root = this.rootRef.el;
        const cell =
            this.current &&
            root?.querySelector(`tr[data-id='${this.current.id}'] .o_data_cell`);
        const focused = document.activeElement;
        const isFree = focused === document.body || focused?.closest(".o_list_renderer");
        if (cell && !this.env.isSmall && isFree) {
            cell.focus({ preventScroll: true });
            cell.scrollIntoView({ block: "nearest" });
        }
    }

    // EXTENDS web: a click selects a line, and the panel shows it
    async openRecord(line, options) {
        if (this.env.isSmall || options?.newWindow) {
            return super.openRecord(line, options);
        }
        this.select(line);
    }

    /** Leave the list for the page of a line. */
    open(line) {
        return super.openRecord(line);
    }

    // === WHAT IS DONE ABOUT IT === //

    async act(code, { days = 1 } = {}) {
        const line = this.current;
        const action = line && getActions(line).find((one) => one.code === code);
        if (!action || this.work.isBusy) {
            return;
        }
        if (action.confirm && !(await this.confirm(action.confirm))) {
            return;
        }
        await this.alone(() =>
            action.hasForm ? this.openForm(line, code) : this.doAtOnce(line, code, days)
        );
    }

    /** One thing after the other: a key that is pressed meanwhile was meant for this line. */
    async alone(work) {
        this.work.isBusy = true;
        try {
            await work();
        } finally {
            this.work.isBusy = false;
        }
    }

    confirm(body) {
        return new Promise((resolve) => {
            this.dialogService.add(
                ConfirmationDialog,
                { body, confirm: () => resolve(true), cancel: () => resolve(false) },
                { onClose: () => resolve(false) }
            );
        });
    }

    /** What the server needs to tell what is left of a customer's lines. */
    getSurroundings(line) {
        const around = this.lines.filter((one) => one.data.case_id.id === line.data.case_id.id);
        return {
            around: around.map((one) => one.resId),
            domain: this.model.root.domain,
            context: this.model.root.context,
        };
    }

    async doAtOnce(line, code, days) {
        const surroundings = this.getSurroundings(line);
        const told = await this.orm.call("collection.todo", "work_on", [[line.resId], code], {
            days,
            ...surroundings,
        });
        this.work.undo = told.undo;
        await this.goOn(line, surroundings.around, told);
        if (told.undo) {
            this.offerUndo(line);
        }
    }

    async openForm(line, code) {
        const action = await this.orm.call(
            "collection.todo",
            "open_form",
            [[line.resId], code],
            { context: this.model.root.context }
        );
        await this.actionService.doAction(action, {
            onClose: async (info) => {
                if (!info?.special && !info?.dismiss) {
                    await this.alone(() => this.onFormSaved(line, code));
                }
                this.focusCurrent();
            },
        });
    }

    async onFormSaved(line, code) {
        const surroundings = this.getSurroundings(line);
        const told = await this.orm.call(
            "collection.todo",
            "form_saved",
            [line.resId, line.data.case_id.id, code],
            surroundings
        );
        this.work.undo = false;
        await this.goOn(line, surroundings.around, told);
    }

    /** Go on with the next line, and read again what is left of this customer's. */
    async goOn(line, around, { alive, achieved }) {
        const { lines } = this;
        const ours = lines.filter((one) => around.includes(one.resId));
        const gone = ours.filter((one) => !alive.includes(one.resId));
        const rest = lines.filter((one) => !gone.includes(one));
        const after = lines.slice(lines.indexOf(line) + 1).filter((one) => rest.includes(one));
        await this.readAgain(ours.filter((one) => rest.includes(one)));
        this.work.achieved = achieved;
        this.work.version++;
        const next = after[0] || (await this.unfoldNext()) || rest[rest.length - 1];
        this.work.resId = next?.resId || false;
        await this.remove(gone);
    }

    async readAgain(lines) {
        if (lines.length) {
            const resIds = lines.map((line) => line.resId);
            const found = await this.model._loadRecords({ ...lines[0].config, resId: false, resIds });
            lines.forEach((line, index) => {
                this.addToGroup(line, -1);
                line._setData(found[index]);
                this.addToGroup(line, 1);
            });
        }
    }

    async remove(gone) {
        const { root } = this.model;
        const groups = this.getGroups(root);
        gone.forEach((line) => this.addToGroup(line, -1));
        await root._removeRecords(gone.map((line) => line.id));
        // What a list has not read yet comes up when all of what it shows is done.
        const lists = root.isGrouped ? groups.map((group) => group.list) : [root];
        const isDone = (list) => !list.records.length && list.count > 0;
        await Promise.all(lists.filter(isDone).map((list) => list.load()));
        for (const group of root.isGrouped ? root.groups.filter((one) => !one.count) : []) {
            root._removeGroup(group);
        }
    }

    /** Add what a line comes to to the sums of its group, or take it away. */
    addToGroup(line, sign) {
        const groups = this.getGroups(this.model.root);
        const group = groups.find(({ list }) => list.records.includes(line));
        for (const name of SUMS.filter((one) => typeof group?.aggregates[one] === "number")) {
            group.aggregates[name] += sign * (line.data[name] || 0);
        }
    }

    /** The groups of lines, whatever they are grouped by above. */
    getGroups(list) {
        return list.isGrouped
            ? list.groups
                  .filter((group) => !group.isFolded)
                  .flatMap((group) => (group.list.isGrouped ? this.getGroups(group.list) : [group]))
            : [];
    }

    // === BESIDE IT === //

    /** Show where the figure of the current line comes from, or hide it. */
    async explain() {
        const line = this.current;
        if (!line || this.work.explained.resId === line.resId) {
            this.work.explained = false;
            return;
        }
        const [{ stake_text: text }] = await this.orm.read(
            "collection.todo",
            [line.resId],
            ["stake_text"]
        );
        this.work.explained = { resId: line.resId, text };
    }

    writeToCustomer() {
        this.rootRef.el.querySelector(".o_collection_panel .o-mail-Chatter-sendMessage")?.click();
    }

    offerUndo(line) {
        const { undo } = this.work;
        // Only what was done last is taken back.
        this.closeOffer?.();
        this.closeOffer = this.notification.add(line.data.case_id.display_name, {
            type: "success",
            buttons: [
                {
                    name: _t("Take Back (u)"),
                    onClick: () => {
                        this.closeOffer();
                        this.takeBack(undo);
                    },
                },
            ],
        });
    }

    async takeBack(undo = this.work.undo) {
        if (!undo || this.work.isBusy) {
            return;
        }
        this.work.undo = false;
        await this.alone(async () => {
            await this.orm.call("collection.work", "take_back", [[undo]]);
            this.work.achieved = await this.orm.call("collection.todo", "get_achieved");
            await this.model.root.load();
        });
        this.focusCurrent();
    }

    help() {
        this.dialogService.add(WorklistHelp, {});
    }
}
