"""Certified time: how long one approval may last by the policy, and whether what is asked for stays within it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.criteria.model import CertifiedTime, Guideline
from domain.criteria.trace import CriteriaResult
from domain.three_valued import Tri


def longest_certified(guideline: Guideline, verdict: CriteriaResult) -> int | None:
    """The longest time in days by the bounds that bind this result; None when the policy names none."""
    return min((bound.days for bound in _binding(guideline, verdict)), default=None)


def is_within_certified_time(
    guideline: Guideline, verdict: CriteriaResult, start: date | None, end: date | None
) -> bool:
    """Whether the days asked for, both included, fit every bound; days that are not known fit only one that allows it."""
    return all(_fits(bound, start, end) for bound in _binding(guideline, verdict))


def _binding(guideline: Guideline, verdict: CriteriaResult) -> Iterator[CertifiedTime]:
    met = {node.criterion.id for node in verdict.trace.walk() if node.state is Tri.MET} if verdict.trace else set()
    return (bound for bound in guideline.certifies if bound.branch is None or bound.branch in met)


def _fits(bound: CertifiedTime, start: date | None, end: date | None) -> bool:
    if end is None or start is None:
        return end is None and not bound.binds_open_end
    return (end - start).days < bound.days
