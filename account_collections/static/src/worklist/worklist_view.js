import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { WorklistController } from "./worklist_controller";
import { WorklistRenderer } from "./worklist_renderer";

registry.category("views").add("collection_worklist", {
    ...listView,
    Controller: WorklistController,
    Renderer: WorklistRenderer,
});
