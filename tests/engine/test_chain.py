"""The chain over the evidence: whatever is changed, taken away, put in or moved is named."""

import json

import pytest
from engine_cases import MODULES

chain = MODULES["chain"]
SALT = "5a17"


def event(number, **fields):
    """What an event says: its place, and one fact beside a personal value."""
    return {"sequence": number, "event": "sent", "facts": {"amount": number}, **fields}


def entry(number, previous, **fields):
    """A sealed event as it is found: number 3 is row 30."""
    stands = event(number, digests={"fact.to": chain.salted("a@b.example", SALT)}, **fields)
    payload = chain.canonical(stands)
    return chain.Entry(
        key=number * 10,
        sequence=number,
        payload=payload,
        seal=chain.link(previous, chain.digest(payload)),
        stands=payload,
        digests=dict(stands["digests"]),
        salts={"fact.to": SALT},
        values={"fact.to": "a@b.example"},
    )


def sealed(count=8):
    entries, previous = [], chain.GENESIS
    for number in range(1, count + 1):
        entries.append(entry(number, previous))
        previous = entries[-1].seal
    return entries


def walked(entries, head=None):
    """Return (kind, sequence, key) of each problem, as the walk meets them."""
    walk = chain.Walk()
    problems = [problem for one in entries for problem in walk.step(one)]
    problems += walk.end(*head) if head else []
    return [(problem.kind, problem.sequence, problem.key) for problem in problems]


HEAD = (8, sealed()[-1].seal)


def test_untouched():
    assert walked(sealed(), HEAD) == []


def test_a_part_is_checked_from_the_seal_before_it():
    entries = sealed()
    walk = chain.Walk(4, entries[3].seal)
    assert [walk.step(one) for one in entries[4:]] == [[]] * 4


# === WHAT IS DONE TO IT === #


def say(entry, **fields):
    """Let an event say something else than what was sealed."""
    entry.stands = chain.canonical({**json.loads(entry.stands), **fields})


def change_column(entries):
    say(entries[3], event="failed")


def change_fact(entries):
    say(entries[3], facts={"amount": 5})


def change_payload(entries):
    entries[3].payload = entries[3].payload.replace("sent", "lost")


def change_both(entries):
    say(entries[3], event="lost")
    entries[3].payload = entries[3].stands


def change_seal(entries):
    entries[3].seal = "f" * 64


def break_payload(entries):
    entries[3].payload = "[]"


def delete(entries):
    del entries[3]


def delete_two(entries):
    del entries[3:5]


def delete_first(entries):
    del entries[0]


def delete_last(entries):
    del entries[-1]


def delete_and_close_the_gap(entries):
    del entries[3]
    for one in entries[3:]:
        one.sequence -= 1


def swap(entries):
    entries[3].sequence, entries[5].sequence = 6, 4
    entries.sort(key=lambda one: one.sequence)


def insert_and_make_room(entries):
    forged = entry(4, entries[2].seal, event="claimed")
    forged.key = 99
    for one in entries[3:]:
        one.sequence += 1
    entries.insert(3, forged)


def insert_with_a_used_number(entries):
    forged = entry(4, entries[2].seal, event="claimed")
    forged.key = 99
    entries.insert(4, forged)


def insert_before_with_a_used_number(entries):
    forged = entry(4, entries[2].seal, event="claimed")
    forged.key = 5
    entries.insert(3, forged)


def insert_at_the_end_with_a_used_number(entries):
    forged = entry(8, entries[6].seal, event="claimed")
    forged.key = 99
    entries.append(forged)


def rewrite_from_there(entries):
    previous = entries[2].seal
    for number in range(4, 9):
        entries[number - 1] = entry(number, previous, event="lost")
        previous = entries[number - 1].seal


def change_value(entries):
    entries[3].values["fact.to"] = "b@b.example"


def lose_value(entries):
    del entries[3].values["fact.to"]


def erase_silently(entries):
    entries[3].salts, entries[3].values = {}, {}
    entries[3].erasure_known = False


@pytest.mark.parametrize(
    ("harm", "first"),
    [
        (change_column, ("altered", 4, 40)),
        (change_fact, ("altered", 4, 40)),
        (change_payload, ("resealed", 4, 40)),
        (change_both, ("resealed", 4, 40)),
        (change_seal, ("resealed", 4, 40)),
        (break_payload, ("moved", 4, 40)),
        (delete, ("missing", 4, None)),
        (delete_two, ("missing", 4, None)),
        (delete_first, ("missing", 1, None)),
        (delete_last, ("missing", 8, None)),
        (delete_and_close_the_gap, ("moved", 4, 50)),
        (swap, ("moved", 4, 60)),
        (insert_and_make_room, ("inserted", 4, 99)),
        (insert_with_a_used_number, ("inserted", 4, 99)),
        (insert_before_with_a_used_number, ("inserted", 4, 5)),
        (insert_at_the_end_with_a_used_number, ("inserted", 8, 99)),
        (rewrite_from_there, ("rewritten", 8, None)),
        (change_value, ("value_altered", 4, 40)),
        (lose_value, ("value_missing", 4, 40)),
        (erase_silently, ("erased", 4, 40)),
    ],
)
def test_harm_is_named(harm, first):
    entries = sealed()
    harm(entries)
    assert walked(entries, HEAD)[0] == first


@pytest.mark.parametrize(
    "harm", [change_column, change_payload, delete, delete_two, insert_with_a_used_number]
)
def test_one_harm_is_one_place(harm):
    entries = sealed()
    harm(entries)
    assert {sequence for _kind, sequence, _key in walked(entries, HEAD)} == {4}


def test_a_second_harm_is_named_too():
    entries = sealed()
    change_column(entries)
    entries[6].values["fact.to"] = "b@b.example"
    assert walked(entries) == [("altered", 4, 40), ("value_altered", 7, 70)]


def test_what_differs_is_named():
    entries = sealed()
    change_column(entries)
    walk = chain.Walk()
    [problem] = [problem for one in entries for problem in walk.step(one)]
    assert problem.details == {"fields": {"event": ["sent", "failed"]}}


def test_erasing_value_and_salt_leaves_the_chain_whole():
    entries = sealed()
    for one in entries:
        one.salts, one.values = {}, {}
    assert walked(entries, HEAD) == []


# === TEXTS === #


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ({"é": "\u2028"}, '{"\\u00e9":"\\u2028"}'),
        (1.0, "1.0"),
        ("", '""'),
    ],
)
def test_canonical(value, text):
    assert chain.canonical(value) == text
    assert json.loads(text) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), b"x"])
def test_what_json_does_not_know_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        chain.canonical(value)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("/my/invoices/1?access_token=abc", "/my/invoices/1?access_token=…"),
        ("/pay?a=1&amp;access_token=abc&amp;b=2", "/pay?a=1&amp;access_token=…&amp;b=2"),
        ("/my?token=ab-c.d#here", "/my?token=…#here"),
        ("/mail?hash_sign=abc", "/mail?hash_sign=…"),
        ("go?to=%2Fmy%3Faccess_token%3Dabc%26x", "go?to=%2Fmy%3Faccess_token%3D…%26x"),
        ("a token = abc", "a token = abc"),
        ({"url": ["?token=abc"], "n": 1}, {"url": ["?token=…"], "n": 1}),
    ],
)
def test_no_token_is_kept(text, masked):
    assert chain.mask_tokens(text) == masked


def test_salts_tell_equal_values_apart():
    assert chain.salted("a", "1") != chain.salted("a", "2")
    assert chain.salted("a", "1") == chain.salted("a", "1")
