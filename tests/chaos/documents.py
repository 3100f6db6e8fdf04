"""The load of a chaos run: the samples again and again, each time of another member; changes of them; claims; and days of
hospital stays."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from domain.vocabulary import ArrivalKind
from store import directory
from tests.paths import SAMPLES

_MEMBER = re.compile(r"MBR1\d{6}")
_NUMBER = re.compile(r"\b([A-Z]{2}-[A-Z0-9]{2,4}-\d{4})\b")
_HOSPITAL_NUMBER = re.compile(r"\b(MER-\d{4}|MRN5001|ACC7001|V700001)\b")
_HOSPITAL_DAY = re.compile(r"\b202603(\d\d)(?=\d{6}|\|)")
_LAST_DAY = 6
_EPISODE = ("01-ed-register-A04", "03-to-inpatient-A06", "04-transfer-A02", "06-discharge-snf-A03")
_CHANGED, _CHANGES = "home-oxygen-expedited", ("home-oxygen-update", "home-oxygen-cancel")
"""The sample that other samples change."""
_PLAIN = "umpire-request/1"


@dataclass(frozen=True)
class LoadDocument:
    """A document that a sender sends until it is acknowledged. `name` is its key in the run; it `follows` another document,
    which has to be acknowledged before."""

    name: str
    raw: bytes
    kind: ArrivalKind = ArrivalKind.REQUEST
    follows: str | None = None


def request_samples() -> tuple[Path, ...]:
    """The sample requests that stand for themselves: readable, unreadable, of unknown members, of every kind."""
    found = sorted((SAMPLES / "requests").glob("*.json"))
    return tuple(path for path in found if path.stem not in _CHANGES)


def claim_samples() -> tuple[Path, ...]:
    """The sample claims, the faulty one too."""
    return tuple(sorted((SAMPLES / "claims").glob("*.json")))


def request_of(sample: Path, copy: int) -> LoadDocument:
    """The sample as the request of the member's copy of that number."""
    return LoadDocument(f"{sample.stem}-{copy}", _copied_text(sample, copy).encode())


def claim_of(sample: Path, copy: int) -> LoadDocument:
    """The sample as the claim for the member's copy of that number."""
    return LoadDocument(f"claim-{sample.stem}-{copy}", _copied_text(sample, copy).encode(), ArrivalKind.CLAIM)


def changes_of(sample: Path, copy: int) -> tuple[LoadDocument, ...]:
    """The documents that change the request of that copy, one after the other: of every three copies one is updated, one
    canceled, and one updated twice and then canceled. None for a sample that nobody changes."""
    request, which = request_of(sample, copy), copy % 3
    if sample.stem == _CHANGED:
        updated, canceled = (_copied_text(SAMPLES / "requests" / f"{name}.json", copy).encode() for name in _CHANGES)
        contents = [("update", updated)] * (which != 1) + [("cancel", canceled)] * (which != 0)
    elif _is_plain(request.raw):
        contents = [("records", _changed(request.raw, "records")), ("update", _changed(request.raw, "update"))]
        contents = contents[: (1, 0, 2)[which]] + [("cancel", _changed(request.raw, "cancel"))] * (which != 0)
    else:
        return ()
    follows, made = request.name, []
    for word, raw in contents:
        made.append(LoadDocument(f"{request.name}-{word}", raw, follows=follows))
        follows = made[-1].name
    return tuple(made)


def _is_plain(raw: bytes) -> bool:
    try:
        found = json.loads(raw)
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("format") == _PLAIN


def _changed(raw: bytes, how: str) -> bytes:
    """The plain request with another document (`records`), with other days as well (`update`), or canceled."""
    request = json.loads(raw)
    request["prior_submission_id"] = request["submission_id"]
    request["submission_id"] += f"-{how}"
    request["action"] = "cancel" if how == "cancel" else "update"
    if how != "cancel":
        request["documents"] = [
            {"title": f"Another note ({how})", "text": f"Another note, {request['submission_id']}."}
        ]
        request["facts"], request["answers"], request["statements"] = [], [], []
    if how == "update":
        request["lines"][0]["description"] = "The same as before, in other words"
    return json.dumps(request).encode()


def _copied_text(sample: Path, copy: int) -> str:
    return _NUMBER.sub(rf"\g<1>C{copy}", _MEMBER.sub(lambda m: copied_id(m.group(), copy), sample.read_text()))


def episode_of(copy: int, now: datetime, *, discharged: bool) -> tuple[LoadDocument, ...]:
    """The messages of a hospital stay that began five days before `now`, of the copy of the first sample member."""
    shift = now.date() - timedelta(days=1 + _LAST_DAY)

    def moved(found: re.Match[str]) -> str:
        return f"{shift + timedelta(days=int(found.group(1))):%Y%m%d}"

    documents = []
    for name in _EPISODE if discharged else _EPISODE[:-1]:
        text = (SAMPLES / "adt" / f"{name}.hl7").read_bytes().decode()
        text = _MEMBER.sub(lambda m: copied_id(m.group(), copy), _HOSPITAL_NUMBER.sub(rf"\g<1>C{copy}", text))
        documents.append(LoadDocument(f"{name}-{copy}", _HOSPITAL_DAY.sub(moved, text).encode()))
    return tuple(documents)


def copied_id(member_id: str, copy: int) -> str:
    """The number of a copy of a sample member."""
    return f"MBR{member_id[-2:]}{copy:05d}"


def copy_members(s: Session, copies: int) -> None:
    """Put so many copies of every sample member into the directory, each with the coverage and benefits of the original."""
    texts = [path.read_text() for path in (*request_samples(), *claim_samples())]
    texts.append((SAMPLES / "adt" / f"{_EPISODE[0]}.hl7").read_text())
    for known in sorted({found for text in texts for found in _MEMBER.findall(text)}):
        original = directory.member(s, known)
        if original is None:
            continue  # a sample is about somebody whom the plan does not know
        coverages = directory.coverages(s, known)
        for copy in range(copies):
            mine = copied_id(known, copy)
            directory.put_member(s, original.model_copy(update={"member_id": mine}))
            for coverage in coverages:
                benefits = tuple(
                    benefit.model_copy(update={"benefit_id": f"{benefit.benefit_id}-{copy}"})
                    for benefit in coverage.benefits
                )
                changed = {"coverage_id": f"{coverage.coverage_id}-{copy}", "member_id": mine, "benefits": benefits}
                directory.put_coverage(s, coverage.model_copy(update=changed))
