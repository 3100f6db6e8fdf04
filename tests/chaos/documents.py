"""The load of a chaos run: the samples again and again, each time of another member, and days of hospital stays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from store import directory
from tests.paths import SAMPLES

_MEMBER = re.compile(r"MBR1\d{6}")
_NUMBER = re.compile(r"\b([A-Z]{2}-[A-Z0-9]{2,4}-\d{4})\b")
_HOSPITAL_NUMBER = re.compile(r"\b(MER-\d{4}|MRN5001|ACC7001|V700001)\b")
_HOSPITAL_DAY = re.compile(r"\b202603(\d\d)(?=\d{6}|\|)")
_LAST_DAY = 6
_EPISODE = ("01-ed-register-A04", "03-to-inpatient-A06", "04-transfer-A02", "06-discharge-snf-A03")
_FOLLOW_UPS = ("home-oxygen-cancel", "home-oxygen-update")
"""Samples that change another case: they would move due instants, which here nothing may."""


@dataclass(frozen=True)
class LoadDocument:
    """A document that a sender sends until it is acknowledged. `name` is its key in the run."""

    name: str
    raw: bytes


def request_samples() -> tuple[Path, ...]:
    """The sample requests that stand for themselves: readable, unreadable, of unknown members, of every kind."""
    found = sorted((SAMPLES / "requests").glob("*.json"))
    return tuple(path for path in found if path.stem not in _FOLLOW_UPS)


def request_of(sample: Path, copy: int) -> LoadDocument:
    """The sample as the request of the member's copy of that number."""
    text = _NUMBER.sub(rf"\g<1>C{copy}", _MEMBER.sub(lambda m: copied_id(m.group(), copy), sample.read_text()))
    return LoadDocument(f"{sample.stem}-{copy}", text.encode())


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
    texts = [path.read_text() for path in request_samples()] + [(SAMPLES / "adt" / f"{_EPISODE[0]}.hl7").read_text()]
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
