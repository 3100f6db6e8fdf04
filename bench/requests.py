"""Distinct benchmark requests: synthetic members with coverage, and the sample bundle in their names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from domain.coverage.directory import BenefitLimit, Coverage, Member
from domain.vocabulary import Lob
from store import directory
from store.seed import load_plan
from store.session import Store

_SAMPLES = Path(__file__).resolve().parent.parent / "samples"
PLAN = _SAMPLES / "plan" / "example_health.yaml"
PLAN_ID = "1888888884"
_BUNDLE = (_SAMPLES / "requests" / "home-oxygen-complete.json").read_text(encoding="utf-8")
_MEMBER, _TRANSACTION, _TRACE = "MBR1000001", "RB-2026-0001", "EH-OXY-0001"


def fill_store(store: Store, members: int) -> None:
    """The sample plan, and so many more members with Medicare Advantage coverage and a benefit for oxygen."""
    load_plan(store, PLAN)
    with store.begin() as s:
        for number in range(members):
            directory.put_member(s, _member(number))
            directory.put_coverage(s, _coverage(number))


def request_bundle(number: int) -> bytes:
    """A complete home oxygen request of member `number`: identity differs from that of every other number."""
    text = _BUNDLE.replace(_MEMBER, member_id(number)).replace(_TRANSACTION, f"BENCH-{number:06d}")
    return text.replace(_TRACE, f"EH-BENCH-{number:06d}").encode()


def member_id(number: int) -> str:
    """The number of one of the many members."""
    return f"MBR7{number:06d}"


def _member(number: int) -> Member:
    return Member(
        member_id=member_id(number),
        family_name="Whitfield",
        given_name="Alma",
        birth_date=date(1951, 4, 12),
        address=("12 Sample Street", "Springfield, IL 62702"),
    )


def _coverage(number: int) -> Coverage:
    mine = member_id(number)
    oxygen = BenefitLimit(
        benefit_id=f"{mine}-OXYGEN", codes=("E1390",), limit=Decimal(36), unit="month", used=Decimal(0)
    )
    return Coverage(
        coverage_id=f"COV-{mine}",
        member_id=mine,
        plan_id=PLAN_ID,
        plan_name="Example Health",
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        effective=date(2024, 1, 1),
        benefits=(oxygen,),
    )
