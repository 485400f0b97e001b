"""HTML that needs nothing but itself, so that printing it fetches nothing: without Odoo."""

import lxml.html

#: What loads something from elsewhere, or runs.
LOADING = (
    "applet", "audio", "base", "embed", "frame", "iframe", "image", "input", "link", "meta",
    "object", "script", "source", "style", "svg", "track", "video",
)

#: Attributes by which an element loads something.
LOADING_ATTRIBUTES = ("background", "data", "poster", "src", "srcset")


def make_offline(html):
    """Return ``html`` without anything that would be fetched when it is printed.

    A text may hold an image of any server: fetched by the PDF program, it would tell that
    server, or one behind our firewall, whatever its address holds.

    >>> make_offline('<p>Pay <img src="http://10.0.0.1/x"/><b>now</b></p>')
    '<div><p>Pay <b>now</b></p></div>'
    >>> make_offline('<p style="background: URL(http://10.0.0.1/x)">now</p>')
    '<div><p>now</p></div>'
    """
    tree = lxml.html.fragment_fromstring(html or "", create_parent="div")
    for element in list(tree.iter()):
        if element is tree:
            continue
        if _is_loading(element):
            element.drop_tree()
        else:
            _disarm(element)
    return lxml.html.tostring(tree, encoding="unicode")


def _is_loading(element):
    """Return whether an element is there to load or run something; so are comments."""
    if not isinstance(element.tag, str) or element.tag in LOADING:
        return True
    return element.tag == "img" and not (element.get("src") or "").startswith("data:image/")


def _disarm(element):
    style = (element.get("style") or "").lower()
    # An escape can hide any word from us.
    if any(word in style for word in ("url", "image", "import", "\\")):
        del element.attrib["style"]
    for name in LOADING_ATTRIBUTES:
        if name in element.attrib and element.tag != "img":
            del element.attrib[name]
    for name in [name for name in element.attrib if name.lower().startswith("on")]:
        del element.attrib[name]
    if element.tag == "img":
        element.attrib.pop("srcset", None)
