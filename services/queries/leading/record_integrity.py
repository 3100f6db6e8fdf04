"""Whether the records of cases contradict their journals, and heads of journals kept outside the database."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.errors import NotOnFile
from domain.journal import ChainBreak, EntryKind, JournalEntry, canonical_json, purged_through
from domain.model import Model
from store import cases, documents, inbox, journal, letters
from store.retention import purging

_SIGNED_AS = b"umpire journal anchor, version 1\n"


class JournalAnchor(Model):
    """The last entry of every journal at an instant (UTC): kept elsewhere, it shows what was cut off or replaced since.

    `sha256` covers the heads, in order of the cases. `signature` is the installation's Ed25519 signature of instant and heads
    in base64, None in anchors of earlier releases.
    """

    made_at: AwareDatetime
    heads: dict[str, tuple[int, str]]
    sha256: str
    signature: str | None = None

    @property
    def is_intact(self) -> bool:
        return self.sha256 == _heads_hash(self.heads)

    @property
    def signed_content(self) -> bytes:
        """The bytes that are signed: a fixed first line, then instant (UTC) and hash of the heads as canonical JSON."""
        return _SIGNED_AS + canonical_json({"made_at": self.made_at.astimezone(UTC).isoformat(), "sha256": self.sha256})

    def signed(self, sign: Callable[[bytes], bytes]) -> JournalAnchor:
        """The anchor with the signature that `sign` makes of its content."""
        return self.model_copy(update={"signature": base64.b64encode(sign(self.signed_content)).decode()})

    def is_signed(self, is_signature_of: Callable[[bytes, bytes], bool]) -> bool:
        """Whether it is intact and its signature is one of its content, by the verdict of a public key."""
        try:
            signature = base64.b64decode(self.signature or "", validate=True)
        except ValueError:
            return False
        return self.is_intact and is_signature_of(signature, self.signed_content)


def count_purged(s: Session, case_ids: Collection[str]) -> int:
    """The number of these cases whose records were purged: their chains are whole, and their entries empty."""
    return sum(purging.find_purge(s, case_id) is not None for case_id in case_ids)


def make_anchor(s: Session, now: datetime) -> JournalAnchor:
    """The anchor of all journals as they are now."""
    heads: dict[str, tuple[int, str]] = {}
    for case_id in journal.case_ids(s):
        last = journal.head(s, case_id)
        heads[case_id] = (last.seq, last.hash)
    return JournalAnchor(made_at=now, heads=heads, sha256=_heads_hash(heads))


def anchor_faults(s: Session, anchor: JournalAnchor) -> Iterator[ChainBreak]:
    """Journals that lack an entry which the anchor names, or hold another in its place."""
    for case_id, (seq, expected) in sorted(anchor.heads.items()):
        found = journal.entries(s, case_id, after=seq - 1)[:1] if seq else ()
        if seq and (not found or found[0].seq != seq or found[0].hash != expected):
            yield ChainBreak(case_id=case_id, seq=seq, problem="is not the entry that the anchor names")


def record_faults(s: Session, case_id: str) -> Iterator[ChainBreak]:
    """All that contradicts the journal of the case: letters, documents, its row in the list. For a chain that verifies."""
    entries = journal.entries(s, case_id)
    if purged_through(case_id, entries):
        return  # what stood against the entries is gone with their content
    yield from _letter_faults(s, case_id, entries)
    for document in documents.of_case(s, case_id):
        if hashlib.sha256(documents.get(s, document.document_id)).hexdigest() != document.document_id:
            yield _fault(
                case_id, entries, f"the content of document {document.document_id[:12]} does not match its hash"
            )
    yield from _row_faults(s, case_id, entries)


def missing_cases(s: Session, started_before: datetime) -> Iterator[ChainBreak]:
    """Cases that intake started before then, of which no journal is left."""
    known = set(journal.case_ids(s))
    for case_id in inbox.started_cases(s, started_before):
        if case_id not in known:
            yield ChainBreak(case_id=case_id, seq=1, problem="intake started the case, and there is no journal")


def _letter_faults(s: Session, case_id: str, entries: tuple[JournalEntry, ...]) -> Iterator[ChainBreak]:
    for entry in entries:
        listed, wanted = entry.data.get("letters"), entry.data.get("sha256")
        if entry.kind is not EntryKind.LETTER_WRITTEN or not isinstance(wanted, str) or not isinstance(listed, list):
            continue
        for view in listed:
            letter_id = str(view["letter_id"]) if isinstance(view, dict) else ""
            try:
                page = letters.get(s, letter_id).rendered.html
            except NotOnFile:
                yield ChainBreak(case_id=case_id, seq=entry.seq, problem=f"letter {letter_id} is missing")
                continue
            if hashlib.sha256(page.encode()).hexdigest() != wanted:
                yield ChainBreak(case_id=case_id, seq=entry.seq, problem=f"letter {letter_id} is not the one written")


def _row_faults(s: Session, case_id: str, entries: tuple[JournalEntry, ...]) -> Iterator[ChainBreak]:
    told = next((entry for entry in reversed(entries) if isinstance(entry.data.get("case"), dict)), None)
    if told is None:
        return
    row, shown = cases.get(s, case_id), told.data["case"]
    assert isinstance(shown, dict)
    if row is None:
        yield ChainBreak(
            case_id=case_id, seq=told.seq, problem="the case is missing from the list: 'umpire store rebuild'"
        )
    elif row.status.value != shown.get("status"):
        yield ChainBreak(case_id=case_id, seq=told.seq, problem="the list shows another status: 'umpire store rebuild'")


def _fault(case_id: str, entries: tuple[JournalEntry, ...], problem: str) -> ChainBreak:
    return ChainBreak(case_id=case_id, seq=entries[-1].seq if entries else 1, problem=problem)


def _heads_hash(heads: dict[str, tuple[int, str]]) -> str:
    return hashlib.sha256(canonical_json({case_id: list(head) for case_id, head in heads.items()})).hexdigest()
