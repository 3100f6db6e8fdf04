"""Walk over every case of the store in portions, which a killed one goes on from: a file beside says which cases are done.

Each portion is a transaction of its own, so that nothing else waits for the whole. A portion of which the file does not know
is walked again; whatever is done with a case must therefore give the same twice.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from domain.journal import ChainBreak
from store import installation, journal
from store.engines.private_files import make_private_folder
from store.session import Store

PORTION = 200
"""Cases of one transaction."""
GOES_ON_WITHIN = timedelta(days=1)
"""Age after which a walk that was interrupted begins anew: too much has changed since."""
Heads = dict[str, tuple[int, str]]


@dataclass
class CaseWalk:
    """Cases that are done, each with number and hash of its last entry then, and the faults found, in the file `path`.

    `begun_at` is UTC; `is_resumed`: the file was there, of this store and not too old.
    """

    path: Path
    begun_at: datetime
    store_id: str
    is_resumed: bool = False
    heads: Heads = field(default_factory=dict)
    faults: list[ChainBreak] = field(default_factory=list)

    def note(self, heads: Heads, faults: Sequence[ChainBreak]) -> None:
        """Add a portion, in memory and to the file."""
        self.heads |= heads
        self.faults += faults
        line = {"heads": heads, "faults": [fault.model_dump(mode="json") for fault in faults]}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def finish(self, kept_as: Path | None = None) -> None:
        """Remove the file, or keep it under another name as what was done last."""
        if kept_as is None:
            self.path.unlink(missing_ok=True)
        else:
            os.replace(self.path, kept_as)


def begin_walk(store: Store, path: Path, now: datetime, *, anew: bool = False) -> CaseWalk:
    """The walk that `path` tells of, if it began within the last day and is of this store; otherwise, or `anew`, a new one."""
    store_id = _store_id(store)
    found = None if anew else read_walk(path, store_id)
    if found is not None and now - found.begun_at < GOES_ON_WITHIN:
        return found
    walk = CaseWalk(path, now, store_id)
    make_private_folder(path.parent)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(json.dumps({"begun_at": now.isoformat(), "store": store_id}) + "\n")
    return walk


def read_walk(path: Path, store_id: str) -> CaseWalk | None:
    """The walk in the file; None without one, and for one of another store. A line that a kill cut off does not count."""
    try:
        first, *lines = path.read_text(encoding="utf-8").split("\n")
        head = json.loads(first)
        walk = CaseWalk(path, datetime.fromisoformat(head["begun_at"]), head["store"], is_resumed=True)
        complete, torn = (
            lines[:-1],
            lines[-1:] != [""],
        )  # what follows the last end of a line was not written to its end
        for line in complete:
            told: dict[str, Any] = json.loads(line)
            walk.heads |= {case_id: (seq, digest) for case_id, (seq, digest) in told["heads"].items()}
            walk.faults += [ChainBreak.model_validate(fault) for fault in told["faults"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if torn:
        os.truncate(path, len(("\n".join((first, *complete)) + "\n").encode()))
    return walk if walk.store_id == store_id else None


def last_heads(store: Store, path: Path) -> Heads:
    """The last entries of the journals that a finished walk found without fault; none when there is no such walk."""
    walk = read_walk(path, _store_id(store))
    if walk is None:
        return {}
    broken = {fault.case_id for fault in walk.faults}
    return {case_id: head for case_id, head in walk.heads.items() if case_id not in broken}


def walk_cases(
    store: Store,
    walk: CaseWalk,
    cases: Sequence[str],
    visit: Callable[[Session, str], Sequence[ChainBreak]],
    tell: Callable[[int, int], None],
    *,
    writes: bool = False,
) -> None:
    """Visit each case that is not done, in portions, and tell after each how many are done of how many."""
    left = [case_id for case_id in cases if case_id not in walk.heads]
    done = len(cases) - len(left)
    for start in range(0, len(left), PORTION):
        portion, heads, faults = left[start : start + PORTION], Heads(), list[ChainBreak]()
        with store.begin() if writes else store.read() as s:
            for case_id in portion:
                faults += visit(s, case_id)
                last = journal.head(s, case_id)
                heads[case_id] = (last.seq, last.hash)
        walk.note(heads, faults)
        done += len(portion)
        tell(done, len(cases))


def _store_id(store: Store) -> str:
    """A name of the store that tells nothing about it and stays when its address changes."""
    with store.read() as s:
        return hashlib.sha256(b"case walk\n" + installation.installation_key(s)).hexdigest()[:16]
