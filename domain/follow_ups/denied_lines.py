"""Lines that a determination left unapproved, as lines of a request: those denied, and the rest of those approved in part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from domain.cases.views import LineView
from domain.requests.request import ServiceLine
from domain.vocabulary import ADVERSE_OUTCOMES, LineOutcome

_DAY = timedelta(days=1)


def denied_lines(asked: Sequence[ServiceLine], decided: Sequence[LineView]) -> tuple[ServiceLine, ...]:
    """The lines that were denied, and of those approved in part what is left: what was approved stays as it is."""
    adverse = {view.line_id: view for view in decided if view.outcome in ADVERSE_OUTCOMES}
    return tuple(rest_of_line(line, adverse[line.line_id]) for line in asked if line.line_id in adverse) or tuple(asked)


def rest_of_line(line: ServiceLine, decided: LineView) -> ServiceLine:
    """The rest of a line that was not approved: the units beyond those approved, the days after the last one approved."""
    if decided.outcome is not LineOutcome.APPROVED_IN_PART:
        return line
    units, given = line.quantity, decided.approved_quantity
    if units is not None and given is not None and given < units:
        line = line.model_copy(update={"quantity": units - given})
    last: date | None = decided.approved_end
    if last is not None and line.end is not None and last < line.end:
        line = line.model_copy(update={"start": last + _DAY})
    return line
