"""Gold cards: exemptions of providers from authorization by their record, under a state statute or a plan's own program.

A statute is applied exactly as it counts; the Wilson lower bound is for voluntary programs only, where a few approvals should
not look like a record. A figure that the statute leaves to the plan, or that was not looked up, makes the outcome unknown
(None). Losing a card is no adverse decision about care, and no card is granted or lost by this module.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import sqrt

from pydantic import Field, NonNegativeInt, PositiveInt

from domain.coverage.directory import GoldCard
from domain.model import Model
from domain.vocabulary import Lob


class ProgramKind(StrEnum):
    STATUTE = "statute"
    VOLUNTARY = "voluntary"


class CountPeriod(StrEnum):
    """The period of the minimum count: services furnished in the look-back, or in a year."""

    LOOK_BACK = "look_back"
    YEAR = "year"


class GoldCardRecord(Model):
    """A provider's record for one service: requests decided, of those approved, over `months` up to the evaluation.

    `furnished` counts services furnished in the look-back, `furnished_in_year` in the last twelve months; None is unknown.
    """

    decided: NonNegativeInt
    approved: NonNegativeInt
    months: PositiveInt
    furnished: NonNegativeInt | None = None
    furnished_in_year: NonNegativeInt | None = None


class GoldCardTestCase(Model):
    """A test case of a gold card program; `qualifies` null is unknown."""

    name: str
    counts: GoldCardRecord
    qualifies: bool | None


class GoldCardProgram(Model):
    """The figures of one program in one period. None means that the source leaves it to the plan, or was not looked up.

    `threshold` is the share of approvals in percent. `self_funded_bound` states whether a self-funded employer plan is bound:
    state law does not reach it (29 USC 1144). `affiliates_counted`, `rescission_*` are for information only.
    """

    programme: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    version: str
    title: str
    kind: ProgramKind
    state: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    lobs: tuple[Lob, ...] = Field(min_length=1)
    self_funded_bound: bool = False
    first_day: date | None = None
    last_day: date | None = None
    look_back_months: PositiveInt | None = None
    threshold: Decimal | None = Field(default=None, gt=0, le=100)
    minimum_count: PositiveInt | None = None
    minimum_counts: CountPeriod | None = None
    evaluation_months: PositiveInt | None = None
    affiliates_counted: bool | None = None
    rescission_month: PositiveInt | None = None
    rescission_notice_days: PositiveInt | None = None
    left_to_plan: tuple[str, ...] = ()
    cite: str = Field(min_length=1)
    verification: str = Field(min_length=1)
    tests: tuple[GoldCardTestCase, ...]


class GoldCardFinding(Model):
    """Whether a record qualifies; None when the program or the record is incomplete. Never more than a proposal."""

    programme: str
    version: str
    qualifies: bool | None
    because: str
    cite: str


WILSON_Z = 1.959963984540054
"""Two-sided 95 percent."""


def wilson_lower_bound(approved: int, decided: int, z: float = WILSON_Z) -> float:
    """The lower end of the Wilson score interval of a share, from 0 to 1; 0 without any decision.

    Raises ValueError when more were approved than decided, or for a number below zero.
    """
    if not 0 <= approved <= decided:
        raise ValueError("approved must be from 0 to decided")
    if decided == 0:
        return 0.0
    share, square = approved / decided, z * z
    middle = share + square / (2 * decided)
    spread = z * sqrt(share * (1 - share) / decided + square / (4 * decided * decided))
    return min(share, max(0.0, (middle - spread) / (1 + square / decided)))


def evaluate_gold_card(programme: GoldCardProgram, counts: GoldCardRecord) -> GoldCardFinding:
    """Evaluate whether the record qualifies under the program."""
    qualifies, because = _qualifies(programme, counts)
    return GoldCardFinding(
        programme=programme.programme,
        version=programme.version,
        qualifies=qualifies,
        because=because,
        cite=programme.cite,
    )


def _qualifies(programme: GoldCardProgram, counts: GoldCardRecord) -> tuple[bool | None, str]:
    if counts.approved > counts.decided:
        return None, "more approved than decided: the record is wrong"
    if programme.threshold is None or programme.look_back_months is None:
        return None, "the source leaves the figures to the plan: set them in a program of its own"
    if counts.months != programme.look_back_months:
        return None, f"counted over {counts.months} months; the look-back is {programme.look_back_months} months"
    enough = _has_minimum_count(programme, counts)
    if enough is False:
        return False, f"fewer than {programme.minimum_count} in the time that counts"
    if counts.decided == 0:
        return False, "nothing was decided in the look-back"
    if programme.kind is ProgramKind.VOLUNTARY:
        bound = wilson_lower_bound(counts.approved, counts.decided) * 100
        reached = bound >= float(programme.threshold)
        because = f"the Wilson lower bound is {bound:.1f} percent; {programme.threshold} are asked"
    else:
        reached = counts.approved * 100 >= programme.threshold * counts.decided
        because = f"{counts.approved} of {counts.decided} approved; {programme.threshold} percent are asked"
    if not reached:
        return False, because
    return (None, "how often the service was furnished is not known") if enough is None else (True, because)


def _has_minimum_count(programme: GoldCardProgram, counts: GoldCardRecord) -> bool | None:
    if programme.minimum_count is None:
        return True
    in_year = programme.minimum_counts is CountPeriod.YEAR
    number = counts.furnished_in_year if in_year else counts.furnished
    return None if number is None else number >= programme.minimum_count


def find_exempting_program(
    cards: tuple[GoldCard, ...],
    programmes: tuple[GoldCardProgram, ...],
    *,
    code: str,
    service_groups: frozenset[str],
    day: date | None,
    lob: Lob,
    state: str,
    self_funded: bool | None,
) -> GoldCardProgram | None:
    """Find the program under which a card of the provider exempts this service on this day, or None.

    None also when the day is not known, or when the card's program does not bind this coverage. A state program requires
    certainty that the plan is not self-funded where an employer could fund it.
    """
    if day is None:
        return None
    for card in cards:
        named = any(code.startswith(one[:-1]) if one.endswith("*") else code == one for one in card.codes)
        if not card.is_in_force(day) or not (named or not service_groups.isdisjoint(card.service_groups)):
            continue
        for programme in programmes:
            if programme.programme == card.programme and _binds(programme, day, lob, state, self_funded):
                return programme
    return None


def _binds(programme: GoldCardProgram, day: date, lob: Lob, state: str, self_funded: bool | None) -> bool:
    begun = programme.first_day is None or programme.first_day <= day
    going_on = programme.last_day is None or day <= programme.last_day
    reached = programme.self_funded_bound or lob is not Lob.COMMERCIAL_ERISA or self_funded is False
    here = programme.state is None or programme.state == state
    return begun and going_on and reached and here and lob in programme.lobs
