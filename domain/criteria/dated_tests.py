"""Measurements and dates that are read together: the days between two dates, and the better of several tests.

Two tests of the same thing on the same day may disagree; the source then says which of them counts (an arterial blood gas
before oximetry, NCD 240.2). Of tests on different days nothing is said by the order of preference, so a disagreement of
those is a clinician's question.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from domain.criteria.compilation import NOT_MET, TRI_BY_NUMBER, UNKNOWN
from domain.criteria.trace import Criterion, TraceNode
from domain.evidence.fact_reading import TIER_RANK, FactGap, FactReading
from domain.evidence.facts import Fact
from domain.three_valued import Tri

_NUMBER_OF = {tri: number for number, tri in enumerate(TRI_BY_NUMBER, NOT_MET)}


def days_between(later: FactReading, earlier: FactReading) -> FactReading:
    """The reading of the days from the earlier date to the later one, with the weaker of the two sources.

    While one of the dates is not known, its gap is the gap.
    """
    for reading in (later, earlier):
        if reading.gap is not None:
            return reading
    assert later.seen is not None and earlier.seen is not None
    days = date.fromisoformat(str(later.value)) - date.fromisoformat(str(earlier.value))
    weaker = min((later.seen, earlier.seen), key=lambda fact: TIER_RANK[fact.evidence])
    seen = Fact(id=later.fact, value=days.days, unit="d", effective=weaker.effective, source=weaker.source)
    return FactReading(later.fact, seen, seen.evidence)


def prefer_better_test(criterion: Criterion, tests: Sequence[TraceNode]) -> tuple[int, TraceNode]:
    """The state and the trace of a group whose leaves are tests of one thing, the better one first.

    Tests that were not done do not count. A better test that was done and cannot be read leaves the group unknown.
    """
    done = [test for test in tests if test.gap is not FactGap.MISSING]
    state, gap = UNKNOWN, None
    if done:
        same_day = len({test.reading.seen.effective for test in done if test.reading and test.reading.seen}) == 1
        if same_day or len({test.state for test in done}) == 1:
            state = _NUMBER_OF[done[0].state]
        elif all(test.state is not Tri.UNKNOWN for test in done):
            gap = FactGap.DISAGREEING_TESTS
    return state, TraceNode(criterion, TRI_BY_NUMBER[state], tuple(tests), None, gap)
