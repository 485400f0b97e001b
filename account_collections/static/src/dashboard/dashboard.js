import { Component, onWillStart, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { CogMenu } from "@web/search/cog_menu/cog_menu";
import { Layout } from "@web/search/layout";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { useSearchBarToggler } from "@web/search/search_bar/search_bar_toggler";
import { graphView } from "@web/views/graph/graph_view";
import { standardViewProps } from "@web/views/standard_view_props";

const SCHEME = cookie.get("color_scheme");
const COLORS = {
    not_due: "#2e9e6b",
    age_1: "#f0c541",
    age_2: "#e79a3c",
    age_3: "#dd6f3a",
    age_4: "#c0392b",
    age_5: "#7b241c",
};

/** A chart of twelve months; what is not defined is a gap. */
export class DashboardChart extends Component {
    static template = "account_collections.DashboardChart";
    static props = { chart: Object, open: Function };

    setup() {
        this.canvas = useRef("canvas");
        useEffect(
            () => {
                const drawn = new Chart(this.canvas.el, this.config);
                return () => drawn.destroy();
            },
            () => [this.props.chart]
        );
    }

    get isEmpty() {
        return this.props.chart.sets.every((set) => set.data.every((value) => !value));
    }

    get config() {
        const { kind, labels, sets, unit } = this.props.chart;
        const text = getCustomColor(SCHEME, "#374151", "#e4e4e4");
        const stacked = kind === "stack";
        return {
            type: kind === "line" ? "line" : "bar",
            data: {
                labels,
                datasets: sets.map((set, index) => {
                    const color = COLORS[set.code] || getColor(index, SCHEME, sets.length);
                    return {
                        label: set.label,
                        data: set.data,
                        backgroundColor: color,
                        borderColor: color,
                        borderWidth: kind === "line" ? 2 : 0,
                        pointRadius: 3,
                        tension: 0.2,
                    };
                }),
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                onClick: () => this.props.open(this.props.chart.action),
                interaction: { mode: "index", intersect: false },
                plugins: {
                    legend: { position: "bottom", labels: { color: text, boxWidth: 12 } },
                    tooltip: { callbacks: { label: (item) => this.describe(item, unit) } },
                },
                scales: {
                    x: { stacked, grid: { display: false }, ticks: { color: text, maxRotation: 0 } },
                    y: { stacked, ticks: { color: text, callback: (value) => this.short(value) } },
                },
            },
        };
    }

    short(value) {
        return new Intl.NumberFormat(user.lang, { notation: "compact" }).format(value);
    }

    describe(item, unit) {
        const value = new Intl.NumberFormat(user.lang, { maximumFractionDigits: 1 }).format(item.raw);
        const text = { days: _t("%s d", value), percent: `${value} %` }[unit] || value;
        return `${item.dataset.label}: ${text}`;
    }
}

/** Loads what a screen shows whenever its filters or the currency change. */
class Screen extends Component {
    static components = { Layout, SearchBar, CogMenu };
    static props = { ...standardViewProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.searchBarToggler = useSearchBarToggler();
        this.state = useState({ page: null, explained: null });
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load(this.props)]));
        onWillUpdateProps((props) => this.load(props));
    }

    /** The user's own choice, which the next page and another device know too. */
    async chooseCurrency(id) {
        await this.orm.call("collection.dashboard", "choose_currency", [Number(id)]);
        await this.load(this.props);
    }

    async measure() {
        await this.orm.call("collection.snapshot", "action_measure_now", []);
        this.notification.add(_t("The figures are brought up to date. Look again in a minute."), {
            type: "info",
        });
    }

    open(action) {
        if (action) {
            this.action.doAction(action);
        }
    }
}

export class DashboardController extends Screen {
    static template = "account_collections.Dashboard";
    static components = { ...Screen.components, DashboardChart };

    async load(props) {
        const page = props.context.collection_page || "operational";
        this.state.page = await this.orm.call("collection.dashboard", "get_page", [
            page,
            props.domain,
        ]);
        this.state.explained = null;
    }

    explain(code) {
        this.state.explained = this.state.explained === code ? null : code;
    }
}

export class SimulatorController extends Screen {
    static template = "account_collections.Simulator";

    setup() {
        this.sliders = {};
        super.setup();
    }

    async load(props) {
        this.state.page = await this.orm.call(
            "collection.dashboard",
            "simulate",
            [props.domain],
            this.sliders
        );
    }

    async slide(name, value) {
        this.sliders[name] = Number(value);
        await this.load(this.props);
    }
}

/** A view whose filters and favourites are Odoo's own. */
function makeView(Controller) {
    return {
        ...graphView,
        Controller,
        searchMenuTypes: ["filter", "favorite"],
        props: (genericProps) => genericProps,
    };
}

registry.category("views").add("collection_dashboard", makeView(DashboardController));
registry.category("views").add("collection_simulator", makeView(SimulatorController));
