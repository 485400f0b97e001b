"""README.rst of the add-ons: what their fragments say, and good reStructuredText."""

import io

import docutils.core
import pytest

from lib import paths, readme


@pytest.mark.parametrize("folder", paths.addons(), ids=lambda folder: folder.name)
def test_it_says_what_the_fragments_say(folder):
    text = (folder / "README.rst").read_text()
    assert text == readme.make(folder), "setup/readme writes it"


@pytest.mark.parametrize("folder", paths.addons(), ids=lambda folder: folder.name)
def test_it_can_be_read(folder):
    complaints = io.StringIO()
    docutils.core.publish_string(
        readme.make(folder), writer_name="null", settings_overrides={"warning_stream": complaints}
    )
    assert complaints.getvalue() == ""


@pytest.mark.parametrize(
    ("markdown", "rst"),
    [
        ("A *b* **c** `d` [e](f).", "A *b* **c** ``d`` `e <f>`__.\n\n"),
        ("## Title", "Title\n~~~~~\n\n".replace("~", "-")),
        ("- one\n  two\n- three", "- one\n  two\n- three\n\n"),
        ("one:\n- two\n  - three\n- four", "one:\n\n- two\n\n  - three\n\n- four\n\n"),
        ("1. one\n   two", "1. one\n   two\n\n"),
        ("| a | b |\n|---|---|\n| `c` | d |",
         ".. list-table::\n    :header-rows: 1\n\n    * - a\n      - b\n"
         "    * - ``c``\n      - d\n\n"),
        ("```python\na\n\nb\n```", ".. code-block:: python\n\n    a\n\n    b\n\n"),
        ("a_ and a|b", "a\\_ and a\\|b\n\n"),
        ("`a`s", "``a``\\ s\n\n"),
    ],
)  # fmt: skip
def test_the_markdown_that_fragments_use(markdown, rst):
    assert readme.to_rst(markdown) == rst
