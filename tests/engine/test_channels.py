"""By which channel a level leaves: the first that finds an address, and what accompanies it."""

import pytest
from engine_cases import channels, decided, facts, guards, item, level, scenario

LATE = 20


def reach(*found, role="invoice"):
    """Return who is reachable by the channels ``found``: partner 7."""
    return {(channel, role): 7 for channel in found}


@pytest.mark.parametrize(
    ("first", "fallbacks", "beside", "found", "expected"),
    [
        ("email", (), (), ("email", "letter"), ("email", ())),
        ("email", ("letter",), (), ("email", "letter"), ("email", ())),
        ("email", ("letter",), (), ("letter",), ("letter", ())),
        ("email", ("letter",), (), (), ("task", ())),
        # in the order of the level, not of what happens to be known
        ("registered", ("letter", "email"), (), ("email", "letter"), ("letter", ())),
        ("registered", ("letter", "email"), (), ("email",), ("email", ())),
        ("email", (), ("sms",), ("email", "sms"), ("email", ("sms",))),
        ("email", (), ("sms",), ("email",), ("email", ())),
        ("email", ("letter",), ("sms",), ("letter", "sms"), ("letter", ("sms",))),
        # what accompanies a message does not leave without one
        ("email", ("letter",), ("sms",), ("sms",), ("task", ())),
        # named as fallback too, it replaces the message, and leaves once
        ("email", ("sms",), ("sms",), ("sms",), ("sms", ())),
        ("email", (), ("sms", "letter"), ("email", "letter", "sms"), ("email", ("sms", "letter"))),
        # people need no address
        ("call", (), (), (), ("call", ())),
        ("task", (), (), (), ("task", ())),
        ("email", ("call",), (), (), ("call", ())),
        ("email", (), ("call",), ("email",), ("email", ("call",))),
    ],
)
def test_the_first_that_finds_an_address(first, fallbacks, beside, found, expected):
    step = level(20, 3, channel=first, fallbacks=fallbacks, beside=beside)
    made = decided(item(LATE), scenario=scenario(step), reachable=reach(*found))
    assert (made.channel, made.beside) == expected
    assert made.channels == (expected[0], *expected[1])


@pytest.mark.parametrize(
    ("first", "fallbacks", "expected"),
    [
        ("call", ("email",), "email"),
        ("call", (), "task"),
        ("letter", ("call", "email"), "email"),
        ("task", (), "task"),
    ],
)
def test_nobody_is_called_who_is_known_to_have_no_number(first, fallbacks, expected):
    step = level(20, 3, channel=first, fallbacks=fallbacks)
    made = decided(
        item(LATE),
        scenario=scenario(step),
        reachable=reach("email"),
        unreachable={("call", "invoice"): "call_missing"},
    )
    assert made.channel == expected
    passed_over = [seen for code, _stopped, seen in made.trace if code == "passed_over"]
    assert ({"channel": "call", "cause": "call_missing"} in passed_over) is (first != "task")


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (("email",), "level_called"),
        (("letter",), "level_called"),
        ((), "level_called_no_address"),
    ],
)
def test_the_reason_tells_when_a_person_takes_over(found, reason):
    step = level(20, 3, fallbacks=("letter",))
    made = decided(item(LATE), scenario=scenario(step), reachable=reach(*found))
    assert made.reason == reason


def test_a_task_that_the_level_names_is_not_given_up():
    step = level(20, 3, fallbacks=("task",))
    made = decided(item(LATE), scenario=scenario(step), reachable={})
    assert (made.channel, made.reason) == ("task", "level_called")


@pytest.mark.parametrize("fallbacks", [(), ("letter",), ("letter", "sms")])
def test_waiting_for_an_address_of_any_channel(fallbacks):
    step = level(20, 3, fallbacks=fallbacks, undeliverable=facts.WAIT)
    nobody = decided(item(LATE), scenario=scenario(step), reachable={})
    assert (nobody.outcome, nobody.reason) == ("hold", "no_address")
    tried = [["email", "no_address"], *([one, "no_address"] for one in fallbacks)]
    assert nobody.seen["causes"] == tried
    if fallbacks:
        found = decided(item(LATE), scenario=scenario(step), reachable=reach(fallbacks[-1]))
        assert (found.outcome, found.channel) == ("remind", fallbacks[-1])


def test_the_trace_tells_why_channels_were_passed_over():
    step = level(20, 3, channel="registered", fallbacks=("email", "letter"), beside=("sms",))
    made = decided(
        item(LATE),
        scenario=scenario(step),
        reachable=reach("letter"),
        unreachable={("email", "invoice"): "bounced", ("email", "finance"): "other"},
    )
    assert [entry for entry in made.trace if entry[0] == "passed_over"] == [
        ["passed_over", True, {"channel": "registered", "cause": "no_address"}],
        ["passed_over", True, {"channel": "email", "cause": "bounced"}],
        ["passed_over", True, {"channel": "sms", "cause": "no_address"}],
    ]


def test_a_reachable_first_channel_leaves_no_trace():
    made = decided(item(LATE), scenario=scenario(level(20, 3)), reachable=reach("email"))
    assert [code for code, *_rest in made.trace if code == "passed_over"] == []


def test_another_role_s_address_does_not_count():
    step = level(20, 3, role="director", fallbacks=("letter",))
    made = decided(item(LATE), scenario=scenario(step), reachable=reach("email"))
    assert made.channel == "task"


def test_ranks_are_counted_once_whatever_the_channels():
    step = level(20, 3, beside=("sms",))
    made = decided(item(LATE), scenario=scenario(step), reachable=reach("email", "sms"))
    assert [line.rank for line in made.lines] == [20]


def test_the_route_is_the_same_for_the_guard_and_the_decision():
    step = level(20, 3, undeliverable=facts.WAIT)
    known = facts.CaseFacts(1, scenario(step), facts.Policy())
    assert channels.choose(step, known).channel is None
    assert guards.STANDARD.cases[-1].code == "no_address"
