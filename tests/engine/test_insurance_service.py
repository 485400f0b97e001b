"""The client of insurers' services, against one that misbehaves: all of the covers, or none."""

import doctest
import importlib.util
import logging
import sys

import pytest
from insurer_service import CLIENT, SECRET, serving

from lib import paths

COVER = {"buyerId": "B-1", "decisionCode": "01", "amount": 50000, "currency": "EUR"}
OTHER = {"buyerId": "B-2", "decisionCode": "03", "currency": "EUR"}


def _load(name):
    path = paths.ROOT / "account_collections_insurance" / "connectors" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"connectors_{name}", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


service, atradius = _load("service"), _load("atradius")


@pytest.fixture
def insurer():
    with serving([COVER], [OTHER]) as (address, insurer):
        insurer.address = address
        yield insurer


def _client(insurer, **options):
    address = insurer.address
    return service.Service(
        address, f"{address}/token", CLIENT, SECRET, **{"back_off": 0.001, **options}
    )


def _fetch(insurer, **options):
    return atradius.fetch(_client(insurer, **options), "POL-1").decode().splitlines()


def _refused(insurer, **options):
    with pytest.raises(service.ServiceError) as caught:
        _fetch(insurer, **options)
    return caught.value.code


def test_all_pages_in_one_file(insurer):
    header, *rows = _fetch(insurer)
    assert header.startswith("buyer id,buyer name,national id")
    assert [row[:4] for row in rows] == ["B-1,", "B-2,"]
    assert insurer.asked == ["token", "/covers?1", "/covers?2"]


@pytest.mark.parametrize(
    ("misdeeds", "asked", "tokens"),
    [
        ([500, 503], 4, 1),  # each asked again
        ([(429, 0), None], 3, 1),
        ([None, "expired"], 3, 2),  # the token ends midway: renewed once
    ],
)
def test_what_passes_is_asked_again(insurer, misdeeds, asked, tokens):
    insurer.misdeeds += misdeeds
    assert len(_fetch(insurer)) == 3
    assert insurer.asked.count("token") == tokens
    assert len(insurer.asked) == asked + tokens


@pytest.mark.parametrize(
    ("misdeeds", "code"),
    [
        ([500] * 9, "status"),
        ([429] * 9, "busy"),
        ([(429, 3600)], "busy"),  # nobody waits an hour
        ([None, "truncated"], "unreadable"),
        (["expired", "expired"], "refused"),  # renewed once, not for ever
        ([404], "status"),
        ([302], "status"),  # credentials follow no redirection
    ],
)
def test_nothing_of_half_an_answer(insurer, misdeeds, code):
    insurer.misdeeds += misdeeds
    assert _refused(insurer) == code
    assert len(insurer.asked) < 12


def test_slow_and_absent(insurer):
    insurer.misdeeds = ["slow"] * 9
    assert _refused(insurer, timeout=0.05) in ("timeout", "unreachable")
    insurer.address = "http://127.0.0.1:9"
    assert _refused(insurer) == "unreachable"


def test_a_page_that_comes_again(insurer):
    insurer.next_page = 1
    assert _refused(insurer) == "repeated_page"


@pytest.mark.parametrize("page", ["2", [2], {"page": 2}])
def test_a_next_page_that_is_no_number(insurer, page):
    insurer.next_page = page
    assert _refused(insurer) == "unreadable"


def test_covers_that_are_none(insurer):
    insurer.pages[1] = ["B-2"]
    assert _refused(insurer) == "unreadable"


def test_a_request_is_sent_once(insurer):
    assert atradius.request(_client(insurer), {"buyerId": "B-1"}, "key-1") == "R-1"
    assert (insurer.posted, insurer.keys) == ([{"buyerId": "B-1"}], ["key-1"])


@pytest.mark.parametrize(
    ("misdeed", "code"),
    [
        ("slow", "timeout"),
        ("hang up", "unreachable"),
        ("truncated", "unreadable"),
        (500, "status"),
        (503, "status"),
    ],
)
def test_what_may_have_arrived_is_not_sent_again(insurer, misdeed, code):
    insurer.post_misdeeds = [misdeed]
    with pytest.raises(service.Uncertain) as caught:
        atradius.request(_client(insurer, timeout=0.2), {}, "key-1")
    assert (caught.value.code, insurer.keys) == (code, ["key-1"])


@pytest.mark.parametrize(("misdeed", "code"), [(422, "status"), (403, "refused"), (429, "busy")])
def test_what_was_refused_certainly_did_not_arrive(insurer, misdeed, code):
    insurer.post_misdeeds = [misdeed]
    with pytest.raises(service.ServiceError) as caught:
        atradius.request(_client(insurer), {}, "key-1")
    assert not isinstance(caught.value, service.Uncertain)
    assert (caught.value.code, insurer.keys) == (code, ["key-1"])


def test_where_nobody_is_nothing_arrives(insurer):
    client = _client(insurer)
    client._get_token()  # what comes now is the request itself
    client._url = "http://127.0.0.1:9"
    with pytest.raises(service.ServiceError) as caught:
        client.post("cover-requests", {}, "key-1")
    assert not isinstance(caught.value, service.Uncertain)
    assert caught.value.code == "unreachable"


def test_credentials_are_in_no_log_and_no_error(insurer, caplog):
    caplog.set_level(logging.DEBUG)
    insurer.misdeeds = [500] * 9
    with pytest.raises(service.ServiceError) as caught:
        _fetch(insurer)
    texts = f"{caplog.text} {caught.value} {caught.value!r} {_client(insurer)!r}"
    assert "covers" in texts
    for secret in (SECRET, CLIENT, "token-1"):
        assert secret not in texts


def test_the_file_of_covers():
    assert doctest.testmod(atradius).failed == 0
