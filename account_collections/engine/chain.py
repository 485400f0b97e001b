"""The chain over the evidence: canonical texts, salted digests, links, and what broke.

Each event is told as one canonical text (the *payload*) in which personal values are
replaced by salted digests. The seal of an event covers its payload and the seal before:

    seal = SHA-256(seal of the event before + SHA-256(payload))

so that nothing before the newest seal can be changed, taken away or put in unseen. A seal
needs only the *digest* of a payload: a part of the chain can be shown, and checked, without
showing other customers' events. A personal value is checked with its salt; when both are
erased, its digest stays and says nothing more about it, and the chain still holds.

This file knows nothing of Odoo and needs only Python's standard library: it is also put
into evidence packs, for their reader to check them with.
"""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field

#: The seal before the first one.
GENESIS = "0" * 64

#: One for all texts: to make it takes longer than to use it.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)

#: What identifies whoever holds a link, in the URLs of a text, escaped as HTML or not.
_TOKEN = re.compile(
    r"""((?:[?&;]|%26|%3[fF])(?:\w*token|hash\w*|signature|sig)(?:=|%3[dD]))[^&"'\s<>\#%]+""",
    re.IGNORECASE,
)


# === TEXTS AND DIGESTS === #


def canonical(value):
    """Return the one JSON text of a value: ASCII, sorted keys, no blanks.

    :raises ValueError: for a number that JSON does not know
    :raises TypeError: for a value that JSON does not know

    >>> canonical({"b": [1, None], "a": "é"})
    '{"a":"\\\\u00e9","b":[1,null]}'
    """
    return _ENCODER.encode(value)


def digest(text):
    """Return the SHA-256 of a text, or of bytes, in hexadecimal."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def salted(value, salt):
    """Return the digest of a personal value: HMAC-SHA-256 of its canonical text.

    Without the salt, a digest of a name or an address could be found by trying all.
    """
    return hmac.digest(salt.encode(), canonical(value).encode(), "sha256").hex()


def link(previous, content):
    """Return the seal of an event.

    :param previous: the seal of the event before it, :data:`GENESIS` for the first
    :param content: the :func:`digest` of its payload
    """
    return digest(previous + content)


def mask_tokens(value):
    """Return a value whose texts keep no secret of a link: whoever has it could use it.

    >>> mask_tokens('<a href="https://x.example/pay?id=7&amp;access_token=4f2a">')
    '<a href="https://x.example/pay?id=7&amp;access_token=…">'
    """
    if isinstance(value, str):
        return _TOKEN.sub(r"\1…", value)
    if isinstance(value, list | tuple):
        return [mask_tokens(one) for one in value]
    if isinstance(value, dict):
        return {key: mask_tokens(one) for key, one in value.items()}
    return value


def is_personal(key, value, public):
    """Return whether a fact may tell something of a person: every text that is not known not to.

    >>> is_personal("amount", 12, set()), is_personal("to", "a@b.example", set())
    (False, True)
    >>> is_personal("reason", "paid", {"reason"}), is_personal("seen", [1, ["x"]], set())
    (False, True)
    """
    return key not in public and _has_text(value)


def _has_text(value):
    if isinstance(value, dict):
        return any(map(_has_text, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_text, value))
    return isinstance(value, str)


# === WHAT BROKE === #


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place of the chain.

    ``kind`` is one of *missing*, *inserted*, *moved*, *altered*, *resealed*, *value_altered*,
    *value_missing*, *erased*, *rewritten*; ``key`` is the event's own number, None where there
    is no event; ``details`` name what differs.
    """

    kind: str
    sequence: int
    key: int | None = None
    details: dict = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """An event as it is found: ``stands`` is what it says today, as canonical as its payload.

    ``values`` are the personal values found today, by the names of their digests.
    """

    key: int
    sequence: int
    payload: str
    seal: str
    stands: str
    digests: dict
    salts: dict
    values: dict = field(default_factory=dict)
    erasure_known: bool = True


class Walk:
    """A walk along the chain, entry by entry, in order of sequence and key.

    After a broken link it goes on from the seal that it finds, so that one problem does not
    hide the next.
    """

    def __init__(self, sequence=0, seal=GENESIS):
        self.sequence = sequence
        self.seal = seal
        self._before = None  # the seal before the last entry
        self._last = None
        self._twin = None  # another entry with the last one's number and predecessor
        self._torn = False  # the last entry's own place was wrong: what follows it cannot link

    def step(self, entry):
        """Check the next entry; return its problems, the worst first."""
        content = digest(entry.payload)
        problems = self._choose_twin(content, entry.seal)
        found = self._check_place(entry, content)
        is_stranger = any(one.kind == "inserted" and one.key == entry.key for one in found)
        if self._twin is entry or is_stranger:
            return problems + found
        self._before, self.seal = self.seal, entry.seal
        self.sequence = max(self.sequence, entry.sequence)
        self._last = entry
        self._torn = bool(found)
        return problems + found + check_row(entry) + check_values(entry)

    def _check_place(self, entry, content):
        """Compare number and seal with those of the entry before."""
        follows = link(self.seal, content) == entry.seal
        if entry.sequence > self.sequence + 1:
            # What links to the seal before the gap was numbered anew.
            lost = {"last": entry.sequence - 1}
            return [Problem("missing", self.sequence + 1, None, lost)]
        if follows and entry.sequence == self.sequence + 1:
            return []
        if self._before and link(self._before, content) == entry.seal:
            if entry.sequence == self.sequence and not self._torn:
                # Both link to the same: the next entry says which of them it knows.
                self._twin = entry
                return []
            # It belongs where the last one stands: that one was put in.
            return [Problem("inserted", self._last.sequence, self._last.key)]
        if entry.sequence <= self.sequence:
            return [Problem("inserted", entry.sequence, entry.key)]
        place = parse(entry.payload).get("sequence")
        if place != entry.sequence:
            return [Problem("moved", entry.sequence, entry.key, {"place": place})]
        if self._torn:
            return []
        return [Problem("resealed", entry.sequence, entry.key)]

    def _choose_twin(self, content, seal):
        """Of two entries with one number, that which nothing follows was put in."""
        twin, self._twin = self._twin, None
        if not twin:
            return []
        stranger = twin
        if link(twin.seal, content) == seal:
            stranger, self.seal = self._last, twin.seal
        return [Problem("inserted", stranger.sequence, stranger.key)]

    def end(self, sequence, seal):
        """Compare the end with what was last sealed; return problems.

        :param sequence: number of the newest seal, as it was noted elsewhere
        :param seal: that seal
        """
        if self._twin:
            stranger = self._last if self._twin.seal == seal else self._twin
            return [Problem("inserted", stranger.sequence, stranger.key)]
        if sequence > self.sequence:
            return [Problem("missing", self.sequence + 1, None, {"last": sequence})]
        if seal != self.seal:
            return [Problem("rewritten", self.sequence)]
        return []


def check_row(entry):
    """Compare what an event says today with what was sealed; return problems."""
    if entry.stands == entry.payload:
        return []
    sealed, stands = parse(entry.payload), parse(entry.stands)
    names = sorted(
        name for name in sealed.keys() | stands.keys() if sealed.get(name) != stands.get(name)
    )
    if not names:
        return []
    found = {name: [sealed.get(name), stands.get(name)] for name in names}
    return [Problem("altered", entry.sequence, entry.key, {"fields": found})]


def check_values(entry):
    """Compare the personal values found today with their digests; return problems."""
    problems = []
    for name, expected in sorted(entry.digests.items()):
        salt = entry.salts.get(name)
        if not salt:
            if not entry.erasure_known:
                problems.append(Problem("erased", entry.sequence, entry.key, {"value": name}))
        elif name not in entry.values:
            problems.append(Problem("value_missing", entry.sequence, entry.key, {"value": name}))
        elif salted(entry.values[name], salt) != expected:
            problems.append(Problem("value_altered", entry.sequence, entry.key, {"value": name}))
    return problems


def parse(payload):
    """Return what a payload says; nothing when it is not what we write."""
    try:
        sealed = json.loads(payload)
    except ValueError:
        return {}
    return sealed if isinstance(sealed, dict) else {}
