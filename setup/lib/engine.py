"""The add-ons' engines, loaded by path: they need no Odoo."""

import importlib
import importlib.util
import sys

from . import paths


def load(addon, package):
    """Return the modules of an add-on's engine by name, loaded as ``package``."""
    engine = paths.ROOT / addon / "engine"
    if package not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            package, engine / "__init__.py", submodule_search_locations=[str(engine)]
        )
        sys.modules[package] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[package])
    names = sorted(path.stem for path in engine.glob("*.py") if path.stem != "__init__")
    return {name: importlib.import_module(f"{package}.{name}") for name in names}
