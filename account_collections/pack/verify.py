"""Check the evidence in this folder: ``python3 verify.py``.

It needs Python 3.10 or newer and nothing else. It reads the files beside it and says, for
each event, whether it is what was sealed, whether its personal facts, texts and documents are
those of its day, and whether the seals form an unbroken chain. Compare the last seal with the
one that was noted elsewhere, on an earlier pack for instance: it proves the age of all of them.
"""

import csv
import json
import sys
from pathlib import Path

import chain

FOLDER = Path(__file__).resolve().parent


def read_chain():
    with open(FOLDER / "chain.csv", encoding="ascii", newline="") as stream:
        return list(csv.DictReader(stream))


def check_links(rows):
    """Each seal covers the digest of its event and the seal before."""
    previous, expected = chain.GENESIS, 1
    for row in rows:
        number = int(row["number"])
        if not row["digest"]:  # where this part of the chain is fastened
            previous, expected = row["seal"], number + 1
            continue
        if number != expected:
            yield f"event {expected} is missing from the chain"
        if chain.link(previous, row["digest"]) != row["seal"]:
            yield f"the seal of event {number} does not follow from the one before"
        previous, expected = row["seal"], number + 1


def check_event(event, links, contents):
    number = event["sequence"]
    if not number:
        return
    row = links.get(number)
    if not row or chain.digest(event["payload"]) != row["digest"]:
        yield f"event {number} is not the one in the chain"
        return
    sealed = json.loads(event["payload"])
    public = {
        key: value
        for key, value in event["facts"].items()
        if f"fact.{key}" not in event["digests"]
    }
    told = [event["event"], event["digests"], public]
    if told != [sealed["event"], sealed["digests"], sealed["facts"]]:
        yield f"event {number} says something else than what was sealed"
    for name, salt in event["salts"].items():
        kind, key = name.split(".", 1)
        value = event["facts"].get(key) if kind == "fact" else contents.get(name)
        if chain.salted(value, salt) != event["digests"][name]:
            yield f"{name} of event {number} is not what it was"


def read_contents():
    """Texts, and documents as [name, SHA-256], by the names of their digests."""
    contents = json.loads((FOLDER / "contents.json").read_text(encoding="utf-8"))
    files = json.loads((FOLDER / "attachments.json").read_text(encoding="utf-8"))
    for name, path in files.items():
        original, _content = contents.get(name, [None, None])
        contents[name] = [original, chain.digest((FOLDER / path).read_bytes())]
    return contents


def main():
    rows = read_chain()
    links = {int(row["number"]): row for row in rows}
    contents = read_contents()
    problems = list(check_links(rows))
    count = 0
    with open(FOLDER / "events.jsonl", encoding="utf-8") as lines:
        for line in lines:
            count += 1
            problems += check_event(json.loads(line), links, contents)
    for problem in problems:
        print(f"BROKEN: {problem}")
    last = rows[-1]["seal"] if rows else "none"
    print(f"{count} events, {len(problems)} problems, last seal {last}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
