"""Selection of the guidelines that govern a service line: by codes, day of service, place, and precedence.

Medicare Advantage plans follow national determinations, then statute and regulation, then the local determination of
the area; a plan's own criteria count only where those do not settle the matter (42 CFR 422.101(b)(1)-(3) and (6)).

A rule about a stay (by level of care) and a rule about what is done there answer different questions: the order of
precedence holds among rules of the same question, and both bind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.criteria.model import CareSetting, Guideline, Precedence
from domain.vocabulary import CertificationType, Lob

_KINDS = {
    Precedence.NCD: "national determination",
    Precedence.STATUTE: "statute or regulation",
    Precedence.LCD: "local determination of the area",
    Precedence.PLAN: "plan rule",
}


@dataclass(frozen=True, slots=True)
class LineCodes:
    """The codes of a service line, and whom it is for. `service_groups` come from the operator's code map alone.

    `age` are whole years on the day of service; `place_of_service` is CMS's two-digit code as the sender wrote it.
    """

    hcpcs: frozenset[str] = frozenset()
    icd10pcs: frozenset[str] = frozenset()
    service_groups: frozenset[str] = frozenset()
    level_of_care: str | None = None
    certification: CertificationType = CertificationType.INITIAL
    lob: Lob | None = None
    modifiers: frozenset[str] = frozenset()
    age: int | None = None
    place_of_service: str | None = None


@dataclass(frozen=True, slots=True)
class SetAsideGuideline:
    """A guideline about the service that does not govern it, and why."""

    guideline: Guideline
    because: str


@dataclass(frozen=True, slots=True)
class GuidelineSelection:
    """`governing`: the guidelines of the strongest kind that apply, in order of id; all of them bind.

    `set_aside`: those about the service that do not govern (weaker kind, other dates, other state). `reasons`: for each
    governing rule that is not of the strongest kind there is, its id and why no stronger one governs.
    """

    governing: tuple[Guideline, ...]
    set_aside: tuple[SetAsideGuideline, ...]
    reasons: tuple[tuple[str, str], ...] = ()


def is_about_service(guideline: Guideline, codes: LineCodes) -> bool:
    """Whether the guideline is about the service asked for. False says nothing about need."""
    about_it = is_about_item(guideline, codes) or is_about_stay(guideline, codes)
    return about_it and _why_not_for_line(guideline, codes) is None


def is_about_item(guideline: Guideline, codes: LineCodes) -> bool:
    """Whether the codes of the line, or a group that they are in, are among those of the guideline."""
    about = guideline.applies_to
    return about.every_service or (
        not codes.hcpcs.isdisjoint(about.hcpcs)
        or not codes.icd10pcs.isdisjoint(about.icd10pcs)
        or not codes.service_groups.isdisjoint(about.service_group)
        or any(code.startswith(about.icd10pcs_prefix) for code in codes.icd10pcs)
    )


def is_left_to_people(guideline: Guideline, codes: LineCodes) -> bool:
    """Whether a code of the line is one of those that the guideline never approves by rule."""
    beginnings = guideline.applies_to.people_only
    return any(code.startswith(beginnings) for code in codes.hcpcs | codes.icd10pcs)


def is_about_stay(guideline: Guideline, codes: LineCodes) -> bool:
    """Whether the line asks for a stay at a level of care of the guideline; a HCPCS line asks for an item used there."""
    return not codes.hcpcs and codes.level_of_care in guideline.applies_to.level_of_care


def select_guidelines(
    guidelines: Iterable[Guideline], codes: LineCodes, date_of_service: date, state: str | None
) -> GuidelineSelection:
    """The guidelines that govern a line on a day in a state (two letters; None when it is not known)."""
    every = sorted(guidelines, key=lambda guideline: (guideline.precedence.rank, guideline.id))
    in_reach = {found.id: found for found in every if _why_not_applicable(found, date_of_service, state) is None}
    of_item: list[Guideline] = []
    of_stay: list[Guideline] = []
    set_aside: list[SetAsideGuideline] = []
    for guideline in every:
        by_item = is_about_item(guideline, codes)
        if not by_item and not is_about_stay(guideline, codes):
            continue
        because = (
            _why_not_applicable(guideline, date_of_service, state)
            or _why_not_for_line(guideline, codes)
            or _missing_requirement(guideline, in_reach)
        )
        if because is not None:
            set_aside.append(SetAsideGuideline(guideline, because))
        else:
            (of_item if by_item else of_stay).append(guideline)
    if any(found.applies_to.every_service for found in of_item):
        # A standard for whatever these members are given leaves no room for a weaker rule about a stay beside it.
        of_item, of_stay = sorted((*of_item, *of_stay), key=lambda found: found.precedence.rank), []
    governing: list[Guideline] = []
    for candidates in (_without_continued(of_item, set_aside), _without_continued(of_stay, set_aside)):
        governing.extend(_strongest(candidates, set_aside))
    reasons = tuple((found.id, why) for found in governing if (why := _why_none_stronger(found, set_aside)) is not None)
    return GuidelineSelection(_with_required(governing, in_reach), tuple(set_aside), reasons)


def age_on(day: date, born: date) -> int:
    """Whole years on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _strongest(candidates: Sequence[Guideline], set_aside: list[SetAsideGuideline]) -> tuple[Guideline, ...]:
    """Those of the strongest kind; the others are set aside."""
    strongest = tuple(found for found in candidates if found.precedence is candidates[0].precedence)
    for weaker in candidates[len(strongest) :]:
        first = strongest[0]
        set_aside.append(SetAsideGuideline(weaker, f"{first.precedence.value} {first.id} comes first"))
    return strongest


def _without_continued(candidates: list[Guideline], set_aside: list[SetAsideGuideline]) -> list[Guideline]:
    """Without the rules about first requests that a rule about renewals takes over from."""
    over = {found.continues: found for found in candidates if found.continues is not None}
    kept: list[Guideline] = []
    for found in candidates:
        if found.id in over:
            because = f"{over[found.id].id} takes its place when the service is continued"
            set_aside.append(SetAsideGuideline(found, because))
        else:
            kept.append(found)
    return kept


def _with_required(governing: Sequence[Guideline], in_reach: Mapping[str, Guideline]) -> tuple[Guideline, ...]:
    """The governing rules with all that they require, each once, in order of id.

    Where a rule about renewals governs, it stands for the rule about first requests that another one requires.
    """
    found = {guideline.id: guideline for guideline in governing}
    replaced = {guideline.continues for guideline in governing}
    for guideline in governing:
        required = _all_required(guideline, in_reach) - replaced
        found.update((name, in_reach[name]) for name in required if name is not None)
    return tuple(found[name] for name in sorted(found))


def _all_required(guideline: Guideline, in_reach: Mapping[str, Guideline]) -> set[str]:
    """Ids of all that it requires, and that those require; also of such as are not in reach."""
    found: set[str] = set()
    waiting = list(guideline.requires)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(in_reach[name].requires if name in in_reach else ())
    return found


def _why_none_stronger(guideline: Guideline, set_aside: Sequence[SetAsideGuideline]) -> str | None:
    """The reason that no stronger kind of rule governs; None for the strongest kind."""
    rank = guideline.precedence.rank
    if rank == 0:
        return None
    kinds = " and no ".join(_KINDS[kind] for kind in list(Precedence)[:rank])
    stronger = [aside for aside in set_aside if aside.guideline.precedence.rank < rank]
    passed = "; ".join(f"{aside.guideline.id}: {aside.because}" for aside in stronger)
    words = f"no {kinds} in this rulebook governs this service" + (f" ({passed})" if passed else "")
    return f"{words}; {guideline.source.gap}" if guideline.source.gap else words


def _why_not_applicable(guideline: Guideline, day: date, state: str | None) -> str | None:
    return _why_not_in_force(guideline, day) or _why_not_in_area(guideline, state)


def _why_not_in_force(guideline: Guideline, day: date) -> str | None:
    if day < guideline.effective_from:
        return f"in force from {guideline.effective_from.isoformat()}"
    if guideline.effective_to is not None and day > guideline.effective_to:
        return f"in force until {guideline.effective_to.isoformat()}"
    return None


def _why_not_in_area(guideline: Guideline, state: str | None) -> str | None:
    if state in guideline.source.except_states:
        return f"not used in {state}, whose law names the criteria that have to be used"
    if not guideline.source.states or state in guideline.source.states:
        return None
    return "local to " + ", ".join(guideline.source.states) + ("" if state else "; the state is not known")


def _why_not_for_line(guideline: Guideline, codes: LineCodes) -> str | None:
    about = guideline.applies_to
    if about.lobs and codes.lob not in about.lobs:
        bound = ", ".join(lob.value for lob in about.lobs)
        return f"binds {bound}" + ("" if codes.lob else "; the line of business is not known")
    if about.certifications and codes.certification not in about.certifications:
        return "about " + ", ".join(kind.value for kind in about.certifications) + " only"
    if about.modifiers and codes.modifiers.isdisjoint(about.modifiers):
        return "about items with the modifier " + ", ".join(about.modifiers) + " only"
    return _why_not_for_age(about.ages, codes.age) or _why_not_in_setting(about.setting, codes.place_of_service)


_ANY_AGE = (0, 120)


def _why_not_for_age(ages: tuple[int, int] | None, age: int | None) -> str | None:
    if ages is None or (ages[0] <= _ANY_AGE[0] and ages[1] >= _ANY_AGE[1]):
        return None
    if age is None:
        return f"for ages {ages[0]} to {ages[1]}; the age is not known"
    return None if ages[0] <= age <= ages[1] else f"for ages {ages[0]} to {ages[1]}"


_SETTINGS = {
    CareSetting.HOME: frozenset({"04", "12", "13", "14", "16", "33"}),
    CareSetting.OUTPATIENT: frozenset({"11", "19", "20", "22", "23", "24", "49", "50", "62", "65", "71", "72"}),
    CareSetting.HOSPITAL: frozenset({"21", "51"}),
    CareSetting.FACILITY: frozenset({"31", "61"}),
}
"""CMS place of service codes that leave no doubt on the setting. Others, and none at all, contradict nothing."""


def _why_not_in_setting(setting: CareSetting | None, place: str | None) -> str | None:
    """The reason that a stated place of service is another setting. What is used at home may be handed over elsewhere."""
    if setting not in _SETTINGS:
        return None
    compatible = {setting, CareSetting.OUTPATIENT} if setting is CareSetting.HOME else {setting}
    there = next((known for known, places in _SETTINGS.items() if place in places), None)
    return None if there is None or there in compatible else f"for {setting} care; the place of service is {place}"


def _missing_requirement(guideline: Guideline, in_reach: Mapping[str, Guideline]) -> str | None:
    """The required rules that are missing: a rule that cannot be applied whole is not applied, and a person reviews."""
    lacking = sorted(_all_required(guideline, in_reach) - set(in_reach))
    return f"requires {', '.join(lacking)}, which is not in force here on that day" if lacking else None
