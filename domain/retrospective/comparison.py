"""Comparison of billed lines with authorizations: a line matches, differs, or was not authorized.

Each kind of finding is a type of its own, because different things may follow from it. `Authorized` is final: the plan's own
approval stands, and no function turns one into a question of medical necessity, a review or an adverse answer
(42 CFR 422.138(c) and 422.616(e); state law on retrospective denial). So are `AuthorizationNotRequired` and `EmergencyCare`.
`Differs` and `NotAuthorized` can become a question for a review (`domain.retrospective.questions`). No finding is a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.decisions.decision_makers import ByRule, DecisionMaker
from domain.evidence.units import same_unit
from domain.model import Model
from domain.retrospective.claim import Claim, ClaimLine
from domain.stays.levels_of_care import ACUTE_INPATIENT, LevelOfCare
from domain.vocabulary import LineOutcome

COMPARISON = ByRule("comparison")
_DAY = timedelta(days=1)
_LEVEL_SYNONYMS = {
    "inpatient": LevelOfCare.INPATIENT_WARD,
    "acute_inpatient": LevelOfCare.INPATIENT_WARD,
    "skilled_nursing_facility": LevelOfCare.SNF,
    "inpatient_rehabilitation": LevelOfCare.IRF,
    "inpatient_psychiatric": LevelOfCare.PSYCH_IP,
}


class ApprovedLine(Model):
    """One approved line of an authorization case, as it stands. None: the approval sets no limit, or none is recorded.

    `providers` are the NPIs that requested or were to provide the care; `billed_before` are the units that earlier claims used.
    """

    case_id: str
    line_id: str
    number: str
    code: str
    service_groups: frozenset[str] = frozenset()
    level_of_care: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    start: date | None = None
    end: date | None = None
    providers: frozenset[str] = frozenset()
    billed_before: Decimal = Decimal(0)
    outcome: LineOutcome = LineOutcome.APPROVED

    @property
    def name(self) -> str:
        return f"{self.number} ({self.case_id}, line {self.line_id})"


class DifferenceKind(StrEnum):
    """Kinds of difference between a billed line and its authorization."""

    CODE = "code"
    UNITS = "units"
    DATES = "dates"
    LEVEL_OF_CARE = "level_of_care"
    PROVIDER = "provider"


class Difference(Model):
    """One difference, in words. `doubtful`: software cannot tell whether it is one, and a person has to compare."""

    kind: DifferenceKind
    authorized: str
    billed: str
    doubtful: bool = False


class Portion(Model):
    """A part of a billed line: so many of its units on these days."""

    units: Decimal | None
    start: date
    end: date


class Authorized(Model):
    """The line, or this portion of it, matches its authorization and is approved as authorized. This finding is final.

    There is no path from here to a denial for medical necessity: nothing turns a value of this type into a question, a
    review or a decision. `by` is the rule, or the reviewer who confirmed it.
    """

    kind: Literal["authorized"] = "authorized"
    line_id: str
    authorization: str
    portion: Portion
    by: DecisionMaker = COMPARISON


class Differs(Model):
    """The line differs from its authorization. `within` was approved and stays so; `beyond` is the part that exceeds it.

    Where `doubtful` is true, software could not draw the line between the two: both are None and a person compares.
    """

    kind: Literal["differs"] = "differs"
    line_id: str
    authorization: str
    differences: tuple[Difference, ...]
    within: Portion | None = None
    beyond: Portion | None = None

    by: DecisionMaker = COMPARISON

    @property
    def doubtful(self) -> bool:
        return self.beyond is None


class AuthorizationNotRequired(Model):
    """No authorization was required for the line on its date, by this rule. This finding is final."""

    kind: Literal["not_needed"] = "not_needed"
    line_id: str
    because: str
    citation: str


class EmergencyCare(Model):
    """A clinician found that the presenting symptoms meet the standard of a prudent layperson: such care needs no
    authorization, from any provider. This finding is final. `by` is the clinician."""

    kind: Literal["emergency_care"] = "emergency_care"
    line_id: str
    because: str
    citations: tuple[str, ...]
    by: DecisionMaker


class NotAuthorized(Model):
    """No authorization fits the line. `required` is True when one was needed on that date; None is unknown, and counts as
    needed. `open_requests` are requests of the member for the same care that are not answered yet."""

    kind: Literal["not_authorized"] = "not_authorized"
    line_id: str
    required: Literal[True] | None
    because: str
    citation: str
    portion: Portion
    open_requests: tuple[str, ...] = ()
    by: DecisionMaker = COMPARISON

    @property
    def doubtful(self) -> bool:
        """Whether a person has to compare before it counts as not authorized."""
        return bool(self.open_requests) and isinstance(self.by, ByRule)


Finding = Annotated[
    Authorized | AuthorizationNotRequired | EmergencyCare | Differs | NotAuthorized, Field(discriminator="kind")
]


def billed_units(
    claims: Iterable[Claim], code: str, start: date | None, end: date | None, providers: frozenset[str]
) -> Decimal:
    """The units that these claims billed for a code on days of an authorization, by its providers (empty: by anybody)."""
    found = (
        line.units
        for claim in claims
        if claim.providers & providers or not providers
        for line in claim.lines
        if line.code == code and (start is None or start <= line.end) and (end is None or line.start <= end)
    )
    return sum(found, Decimal(0))


def whole_line(line: ClaimLine) -> Portion:
    """The portion that covers the whole line."""
    return Portion(units=line.units, start=line.start, end=line.end)


def compare_claim(
    claim: Claim, groups: Mapping[str, frozenset[str]], authorizations: Iterable[ApprovedLine]
) -> dict[str, Authorized | Differs]:
    """Compare each line with the authorization that fits it best, by line id; a line is left out when no authorization is
    for the same care on any of its days.

    `groups` are the service groups of each line's code. An exact fit counts before a near one, and the authorization that the
    claim names before others. Lines are compared in order, and units that one line used are not available to the next.
    """
    known = {(one.case_id, one.line_id): one for one in authorizations}
    found: dict[str, Authorized | Differs] = {}
    for line in claim.lines:
        near = [one for one in known.values() if _is_about(claim, line, groups.get(line.line_id, frozenset()), one)]
        if not near:
            continue
        best, differences = min(
            ((one, _differences(claim, line, one)) for one in near),
            key=lambda pair: (len(pair[1]), pair[0].number != claim.authorization_number),
        )
        found[line.line_id] = finding = _finding(line, best, differences)
        used = _units_used(finding)
        known[best.case_id, best.line_id] = best.model_copy(update={"billed_before": best.billed_before + used})
    return found


def _finding(line: ClaimLine, best: ApprovedLine, differences: list[Difference]) -> Authorized | Differs:
    if not differences:
        return Authorized(line_id=line.line_id, authorization=best.name, portion=whole_line(line))
    within, beyond = _split(line, best, differences)
    return Differs(
        line_id=line.line_id, authorization=best.name, differences=tuple(differences), within=within, beyond=beyond
    )


def _units_used(finding: Authorized | Differs) -> Decimal:
    portion = finding.portion if isinstance(finding, Authorized) else finding.within
    return portion.units if portion is not None and portion.units is not None else Decimal(0)


def level_of_care_for(word: str | None) -> LevelOfCare | None:
    """The level of care that a term in a request means; None is unknown."""
    if word is None:
        return None
    known = _LEVEL_SYNONYMS.get(word)
    return known or next((level for level in LevelOfCare if level.value == word), None)


def is_same_level(one: LevelOfCare | None, other: LevelOfCare | None) -> bool:
    """Whether two levels are billed alike: a ward, step-down and intensive care are one acute inpatient stay. Two unknown
    levels are not the same."""
    if one is None or other is None:
        return False
    return one is other or {one, other} <= ACUTE_INPATIENT


def _is_about(claim: Claim, line: ClaimLine, groups: frozenset[str], one: ApprovedLine) -> bool:
    """Whether it is the same care on at least one of the line's days, or the authorization that the claim names."""
    if one.number == claim.authorization_number:
        return True
    same = one.code == line.code or not groups.isdisjoint(one.service_groups) or _same_stay(line, one)
    return same and _share_days(line, one)


def _same_stay(line: ClaimLine, one: ApprovedLine) -> bool:
    """Whether both are days in a facility, whose codes differ in kind between bill and authorization."""
    return line.level_of_care is not None and level_of_care_for(one.level_of_care) is not None


def _share_days(line: ClaimLine, one: ApprovedLine) -> bool:
    return (one.start is None or one.start <= line.end) and (one.end is None or line.start <= one.end)


def _differences(claim: Claim, line: ClaimLine, one: ApprovedLine) -> list[Difference]:
    found = [
        _code_difference(line, one),
        _level_difference(line, one),
        _date_difference(line, one),
        _unit_difference(line, one),
        _provider_difference(claim, one),
    ]
    return [difference for difference in found if difference is not None]


def _code_difference(line: ClaimLine, one: ApprovedLine) -> Difference | None:
    if one.code == line.code or _fits_level(line, one):
        return None
    return Difference(kind=DifferenceKind.CODE, authorized=one.code, billed=line.code, doubtful=True)


def _level_difference(line: ClaimLine, one: ApprovedLine) -> Difference | None:
    """Unequal levels differ; a level that is not stated on the bill, or an unknown term, is doubtful."""
    if one.level_of_care is None or _fits_level(line, one):
        return None
    said = line.level_of_care.value if line.level_of_care is not None else "not stated"
    return Difference(kind=DifferenceKind.LEVEL_OF_CARE, authorized=one.level_of_care, billed=said, doubtful=True)


def _fits_level(line: ClaimLine, one: ApprovedLine) -> bool:
    """The same level; a ward, step-down and intensive care are one acute inpatient stay."""
    return is_same_level(level_of_care_for(one.level_of_care), line.level_of_care)


def _date_difference(line: ClaimLine, one: ApprovedLine) -> Difference | None:
    early = one.start is not None and line.start < one.start
    late = one.end is not None and line.end > one.end
    if not (early or late):
        return None
    authorized = f"{one.start or 'any day'} to {one.end or 'any day'}"
    return Difference(kind=DifferenceKind.DATES, authorized=authorized, billed=f"{line.start} to {line.end}")


def _unit_difference(line: ClaimLine, one: ApprovedLine) -> Difference | None:
    if one.quantity is None:
        return None
    left = one.quantity - one.billed_before
    before = f", {one.billed_before} billed before" if one.billed_before else ""
    authorized = f"{one.quantity} {one.unit or ''}".strip() + before
    billed = f"{line.units} {line.unit or ''}".strip()
    if not same_unit(line.unit, one.unit):
        return Difference(kind=DifferenceKind.UNITS, authorized=authorized, billed=billed, doubtful=True)
    if line.units <= left:
        return None
    return Difference(kind=DifferenceKind.UNITS, authorized=authorized, billed=billed)


def _provider_difference(claim: Claim, one: ApprovedLine) -> Difference | None:
    if not one.providers or not one.providers.isdisjoint(claim.providers):
        return None
    return Difference(
        kind=DifferenceKind.PROVIDER,
        authorized=", ".join(sorted(one.providers)),
        billed=", ".join(sorted(claim.providers)),
        doubtful=True,
    )


def _split(line: ClaimLine, one: ApprovedLine, differences: list[Difference]) -> tuple[Portion | None, Portion | None]:
    """The portions within and beyond the authorization, where software can tell them apart."""
    kinds = {difference.kind for difference in differences}
    if any(difference.doubtful for difference in differences):
        return None, None
    if kinds == {DifferenceKind.UNITS} and one.quantity is not None:
        return _split_units(line, max(one.quantity - one.billed_before, Decimal(0)))
    if kinds == {DifferenceKind.DATES}:
        return _split_days(line, one)
    return None, None


def _split_units(line: ClaimLine, left: Decimal) -> tuple[Portion | None, Portion]:
    beyond = Portion(units=line.units - left, start=line.start, end=line.end)
    return (Portion(units=left, start=line.start, end=line.end) if left > 0 else None), beyond


def _split_days(line: ClaimLine, one: ApprovedLine) -> tuple[Portion | None, Portion | None]:
    """Days before or after those authorized. Only a line billed by the day, and past one end, can be cut."""
    if not _share_days(line, one):
        return None, whole_line(line)
    if line.units != line.days:
        return None, None
    if one.start is not None and line.start < one.start and (one.end is None or line.end <= one.end):
        return _days_portion(one.start, line.end), _days_portion(line.start, one.start - _DAY)
    if one.end is not None and (one.start is None or line.start >= one.start):
        return _days_portion(line.start, one.end), _days_portion(one.end + _DAY, line.end)
    return None, None


def _days_portion(start: date, end: date) -> Portion:
    return Portion(units=Decimal((end - start).days + 1), start=start, end=end)
