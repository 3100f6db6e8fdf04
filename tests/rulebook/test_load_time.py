"""A rulebook is read at every start of a worker and by every command: it has to be there at once."""

from __future__ import annotations

import time

from rulebook.rulebook import load_rulebook


def test_the_whole_rulebook_is_loaded_within_a_second():
    best = min(_seconds() for _ in range(3))
    assert best < 1.0, f"{best:.2f} s"


def _seconds() -> float:
    begun = time.process_time()
    load_rulebook({})
    return time.process_time() - begun
