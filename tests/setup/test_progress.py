"""Steps that are done once."""

import pytest

from lib import paths, progress


@pytest.fixture
def steps(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "STAMPS", tmp_path / "stamps")
    done = []

    def run(fingerprint, fail=False):
        def action():
            if fail:
                raise KeyboardInterrupt
            done.append(fingerprint)

        progress.once("step", fingerprint, "A step", action)

    run.done = done
    return run


def test_done_once_until_its_fingerprint_changes(steps):
    for fingerprint in ("a", "a", "b", "b"):
        steps(fingerprint)
    assert steps.done == ["a", "b"]


def test_interrupted_step_is_done_again(steps):
    with pytest.raises(KeyboardInterrupt):
        steps("a", fail=True)
    steps("a")
    assert steps.done == ["a"]
