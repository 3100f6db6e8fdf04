"""Certified time: how long one approval may last by the policy, and whether what is asked for stays within it."""

from __future__ import annotations

from datetime import date

from domain.criteria.model import Guideline
from domain.criteria.trace import CriteriaResult
from domain.three_valued import Tri


def longest_certified(guideline: Guideline, verdict: CriteriaResult) -> int | None:
    """The longest time in days by the bounds that bind this result; None when the policy names none."""
    met = {node.criterion.id for node in verdict.trace.walk() if node.state is Tri.MET} if verdict.trace else set()
    binding = (one.days for one in guideline.certifies if one.branch is None or one.branch in met)
    return min(binding, default=None)


def is_within_certified_time(longest: int | None, start: date | None, end: date | None) -> bool:
    """Whether the days asked for, both included, fit; days that are not known do not fit a bound."""
    if longest is None:
        return True
    return start is not None and end is not None and (end - start).days < longest
