import json

from odoo import http
from odoo.http import content_disposition, request

from ..models.collection_forecast import FILTERS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ForecastController(http.Controller):
    @http.route(
        "/account_collections/forecast/<int:forecast_id>", type="http", auth="user", readonly=True
    )
    def forecast(self, forecast_id, filters="{}"):
        """A forecast as a spreadsheet, with the rights of the user."""
        forecast = request.env["collection.forecast"].browse(forecast_id).exists()
        if not forecast:
            raise request.not_found()
        forecast.check_access("read")
        content = forecast._make_workbook(_read_filters(filters))
        name = f"{request.env._('Cash Forecast')} {forecast.date}.xlsx"
        return request.make_response(
            content,
            [
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )


def _read_filters(text):
    """Return what is filtered by; what is no filter of ours is none."""
    try:
        typed = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(typed, dict):
        return {}
    return {
        name: value
        for name, value in typed.items()
        if name in FILTERS and (value is False or type(value) is int)
    }
