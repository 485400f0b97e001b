import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { formatCurrency } from "@web/core/currency";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const NONE = "none";
const COLORS = { usual: "#875a7b", promised: "#2e9e6b", disputed: "#d9a400" };

/** Expected receipts by week: figures, chart, table, and what came of earlier forecasts. */
export class CashForecast extends Component {
    static template = "account_collections.CashForecast";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.canvas = useRef("canvas");
        this.state = useState({ board: null, filters: {}, company: null });
        this.filters = [
            { name: "user_id", label: _t("Owner"), all: _t("All owners"), none: _t("Without owner") },
            { name: "scenario_id", label: _t("Segment"), all: _t("All segments"), none: _t("Without segment") },
            { name: "currency_id", label: _t("Currency"), all: _t("All currencies"), none: "" },
        ];
        this.display = { controlPanel: {} };
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load()]));
        useEffect(
            () => this.draw(),
            () => [this.state.board]
        );
    }

    async load() {
        this.state.board = await this.orm.call("collection.forecast", "get_board", [
            this.state.company,
            this.state.filters,
        ]);
    }

    // === FILTERS === //

    get shownFilters() {
        return this.filters.filter((filter) => this.state.board.choices[filter.name].length > 1);
    }

    isChosen(name, id) {
        return name in this.state.filters && this.state.filters[name] === id;
    }

    async choose(name, value) {
        if (value === "") {
            delete this.state.filters[name];
        } else {
            this.state.filters[name] = value === NONE ? false : Number(value);
        }
        await this.load();
    }

    async chooseCompany(value) {
        Object.assign(this.state, { company: Number(value), filters: {} });
        await this.load();
    }

    get domain() {
        return Object.entries(this.state.filters).map(([name, id]) => [name, "=", id]);
    }

    // === FIGURES === //

    money(amount) {
        return formatCurrency(amount || 0, this.state.board.currency, { digits: [69, 0] });
    }

    day(text) {
        return formatDate(deserializeDate(text));
    }

    percent(share) {
        if (share === null) {
            return "–";
        }
        const rounded = Math.round(share * 100);
        return `${rounded > 0 ? "+" : ""}${rounded} %`;
    }

    getTexts() {
        const { date, figures, open } = this.state.board;
        if (!figures) {
            return {};
        }
        return {
            old: _t("This is the forecast of %s: today's run has not made another one yet.", this.day(date)),
            soon: _t("Expected within 30 days, as of %s", this.day(date)),
            band: _t("At least %(prudent)s with a probability of 80 %, %(good)s with one of 20 %.", {
                prudent: this.money(figures.p80),
                good: this.money(figures.p20),
            }),
            promised: _t("of %s promised", this.money(open.promised)),
            disputed: _t("of %s contested", this.money(open.disputed)),
            open: _t("All that is open: %s", this.money(open.total)),
        };
    }

    get exportUrl() {
        const filters = encodeURIComponent(JSON.stringify(this.state.filters));
        return `/account_collections/forecast/${this.state.board.forecast}?filters=${filters}`;
    }

    // === ITEMS === //

    openItems(name, domain = []) {
        this.open("collection_forecast_item_action", name, [
            ["forecast_id", "=", this.state.board.forecast],
            ...domain,
            ...this.domain,
        ]);
    }

    openSoon(kind) {
        const kinds = kind ? [["kind", "=", kind]] : [];
        this.openItems(_t("Expected within 30 Days"), [["expected", ">", 0], ...kinds]);
    }

    openOpen(kind) {
        this.openItems(_t("Open Items of the Forecast"), kind ? [["kind", "=", kind]] : []);
    }

    openWeek(row, kind) {
        const kinds = kind ? [["kind", "=", kind]] : [];
        this.open("collection_forecast_flow_action", _t("Week until %s", this.day(row.to)), [
            ["forecast_id", "=", this.state.board.forecast],
            ["week", "=", row.week],
            ...kinds,
            ...this.domain,
        ]);
    }

    openPast(past) {
        this.open("collection_forecast_week_action", _t("Forecast of %s", this.day(past.date)), [
            ["forecast_id", "=", past.id],
            ...this.domain,
        ]);
    }

    async open(xmlid, name, domain) {
        const action = await this.action.loadAction(`account_collections.${xmlid}`);
        await this.action.doAction({ ...action, name, display_name: name, domain, context: {} });
    }

    // === CHART === //

    draw() {
        const rows = this.state.board.weeks;
        if (!this.canvas.el || !rows) {
            return;
        }
        const bar = (label, color, values) => ({
            type: "bar", label, stack: "expected", data: values, order: 2,
            backgroundColor: color,
        });
        const line = (label, values, more) => ({
            type: "line", label, data: values, order: 1, pointRadius: 0, borderWidth: 1,
            borderColor: "#6c757d", ...more,
        });
        const chart = new window.Chart(this.canvas.el, {
            data: {
                labels: rows.map((row) => this.day(row.to)),
                datasets: [
                    line(_t("Reached with 80 %"), rows.map((row) => row.p80)),
                    line(_t("Reached with 20 %"), rows.map((row) => row.p20), {
                        fill: "-1", backgroundColor: "rgba(108, 117, 125, .2)", borderDash: [4, 4],
                    }),
                    bar(_t("By habit"), COLORS.usual, rows.map((row) => row.expected - row.promised - row.disputed)),
                    bar(_t("Promised"), COLORS.promised, rows.map((row) => row.promised)),
                    bar(_t("Contested"), COLORS.disputed, rows.map((row) => row.disputed)),
                ],
            },
            options: {
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                scales: {
                    x: { stacked: true, grid: { display: false } },
                    y: { beginAtZero: true, ticks: { callback: (value) => this.money(value) } },
                },
                plugins: {
                    legend: { position: "bottom" },
                    tooltip: {
                        callbacks: {
                            title: ([point]) => _t("Week until %s", point.label),
                            label: (point) => `${point.dataset.label}: ${this.money(point.raw)}`,
                        },
                    },
                },
                onClick: (_event, points) => points.length && this.openWeek(rows[points[0].index]),
            },
        });
        return () => chart.destroy();
    }
}

registry.category("actions").add("account_collections.cash_forecast", CashForecast);
