from . import evidence, forecast
