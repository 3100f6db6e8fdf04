"""Circumstances of a case, from its request and its coverage. What is not stated does not apply."""

from __future__ import annotations

from domain.coverage.directory import Coverage
from domain.requests.request import AuthorizationRequest
from domain.vocabulary import Circumstance

REHABILITATION_STAYS = frozenset({"inpatient_rehabilitation", "irf"})
"""Levels of care that are inpatient rehabilitation."""


def stated_circumstances(request: AuthorizationRequest) -> frozenset[Circumstance]:
    """The circumstances that a request states, by name or by the level of care of a line. An exception to the tier is an
    exception to the formulary, with its clock."""
    asked = {line.level_of_care for line in request.lines}
    stays = {Circumstance.INPATIENT_REHABILITATION} if asked & REHABILITATION_STAYS else set()
    named = frozenset(request.circumstances or ())
    excepted = {Circumstance.DRUG_EXCEPTION} if Circumstance.TIER_EXCEPTION in named else set()
    return frozenset({*named, *stays, *excepted})


def case_circumstances(
    request: AuthorizationRequest, first: AuthorizationRequest, coverage: Coverage
) -> tuple[tuple[Circumstance, ...], tuple[Circumstance, ...]]:
    """All circumstances of the case, and those of them that its request stated only after it was received.

    `first` is the request as it was received, `request` as it is now.
    """
    known = stated_circumstances(request) | set(coverage.circumstances)
    later = known - stated_circumstances(first) - set(coverage.circumstances)
    return _in_order(known), _in_order(later)


def _in_order(found: frozenset[Circumstance]) -> tuple[Circumstance, ...]:
    return tuple(one for one in Circumstance if one in found)
