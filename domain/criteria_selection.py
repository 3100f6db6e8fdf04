"""Which guidelines govern a service line: by its codes, the day of service, the place, and whose rule comes first.

Medicare Advantage plans follow national determinations, then statute and regulation, then the local determination of
the area; a plan's own criteria count only where those do not settle the matter (42 CFR 422.101(b)(1)-(3) and (6)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.criteria_model import Guideline


@dataclass(frozen=True, slots=True)
class LineCodes:
    """What a service line asks for. `service_groups` come from the operator's code map alone."""

    hcpcs: frozenset[str] = frozenset()
    icd10pcs: frozenset[str] = frozenset()
    service_groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SetAsideGuideline:
    """A guideline about the service that does not govern it, and why."""

    guideline: Guideline
    because: str


@dataclass(frozen=True, slots=True)
class Selection:
    """`governing`: the guidelines of the strongest kind that apply, in order of id; all of them bind.

    `set_aside`: those about the service that do not govern (weaker kind, other dates, other state).
    """

    governing: tuple[Guideline, ...]
    set_aside: tuple[SetAsideGuideline, ...]


def applies(guideline: Guideline, codes: LineCodes) -> bool:
    """Whether the guideline is about the service. False says nothing about need."""
    about = guideline.applies_to
    return (
        not codes.hcpcs.isdisjoint(about.hcpcs)
        or not codes.icd10pcs.isdisjoint(about.icd10pcs)
        or not codes.service_groups.isdisjoint(about.service_group)
        or any(code.startswith(about.icd10pcs_prefix) for code in codes.icd10pcs)
    )


def select_guidelines(
    guidelines: Iterable[Guideline], codes: LineCodes, date_of_service: date, state: str | None
) -> Selection:
    """The guidelines that govern a line on a day in a state (two letters; None when it is not known)."""
    candidates: list[Guideline] = []
    set_aside: list[SetAsideGuideline] = []
    for guideline in sorted(guidelines, key=lambda guideline: (guideline.precedence.rank, guideline.id)):
        if not applies(guideline, codes):
            continue
        because = _out_of_force(guideline, date_of_service) or _out_of_area(guideline, state)
        if because is None:
            candidates.append(guideline)
        else:
            set_aside.append(SetAsideGuideline(guideline, because))
    governing = tuple(found for found in candidates if found.precedence is candidates[0].precedence)
    for weaker in candidates[len(governing) :]:
        strongest = governing[0]
        set_aside.append(SetAsideGuideline(weaker, f"{strongest.precedence.value} {strongest.id} comes first"))
    return Selection(governing, tuple(set_aside))


def _out_of_force(guideline: Guideline, day: date) -> str | None:
    if day < guideline.effective_from:
        return f"in force from {guideline.effective_from.isoformat()}"
    if guideline.effective_to is not None and day > guideline.effective_to:
        return f"in force until {guideline.effective_to.isoformat()}"
    return None


def _out_of_area(guideline: Guideline, state: str | None) -> str | None:
    if not guideline.source.states or state in guideline.source.states:
        return None
    return "local to " + ", ".join(guideline.source.states) + ("" if state else "; the state is not known")
