"""Adapter of licensed sets of criteria (ASAM, LOCUS and others) to the domain's port: none is shipped, each may be connected.

An installation that holds a license installs a package of its own with an entry point in the group `umpire.licensed_criteria`:
its name is the id of the set in the rulebook (`ASAM`), its value a class without arguments that has the method `answer` of
`domain.criteria.required_sets.LicensedCriteria`. What such a class raises is logged by its kind alone, and the slot counts as
empty for that line: a clinician judges, and the clock goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.metadata import entry_points

from domain.criteria.required_sets import LicensedAnswer, LicensedCriteria, LicensedQuestion

ENTRY_POINTS = "umpire.licensed_criteria"

log = logging.getLogger("umpire.licensed_criteria")


def installed_licensed_criteria() -> LicensedCriteria | None:
    """The connected sets; None when no package connects one. Raises what a package raises on being loaded."""
    connected = {point.name: point.load()() for point in entry_points(group=ENTRY_POINTS)}
    return ConnectedSets(connected) if connected else None


def connected_set_ids() -> frozenset[str]:
    """The ids under which installed packages connect a set, without loading any of them."""
    return frozenset(point.name for point in entry_points(group=ENTRY_POINTS))


class ConnectedSets:
    """The connected sets by id. A set that fails, or answers anything but an answer, has given none."""

    def __init__(self, connected: Mapping[str, LicensedCriteria]) -> None:
        self._connected = connected

    def answer(self, question: LicensedQuestion) -> LicensedAnswer | None:
        """The answer of the set that is asked; None where the slot is empty or the set failed."""
        asked = self._connected.get(question.set_id)
        if asked is None:
            return None
        try:
            answer = asked.answer(question)
        except Exception as failed:
            # The text of a foreign error may hold health information: only its kind is told.
            log.warning("the connected set %s failed with %s", question.set_id, type(failed).__name__)
            return None
        return answer if isinstance(answer, LicensedAnswer) else None
