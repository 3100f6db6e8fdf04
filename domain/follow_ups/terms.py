"""Terms of an authorization, version by version: the first is the determination, each other a change. None is overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime

from domain.cases.views import LineView
from domain.model import Model
from domain.requests.after_decision import AfterDecisionKind
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.vocabulary import APPROVING_OUTCOMES, LineOutcome

_DAY = timedelta(days=1)


class LineTerms(Model):
    """One authorized service: how much, from which day to which (both included), and where. Quantities are in `unit`."""

    line_id: str
    code: str
    description: str
    quantity: Decimal | None = None
    unit: str | None = None
    start: date | None = None
    end: date | None = None
    place_of_service: str | None = None


class AuthorizationTerms(Model):
    """The terms of an authorization as of one version. `servicing_npi` gives the service; `voided`: it was given back."""

    lines: tuple[LineTerms, ...]
    servicing_npi: str | None = None
    servicing_name: str | None = None
    voided: bool = False


class AuthorizationVersion(Model):
    """One version: its terms, and who made it, when (UTC), why, and in which case."""

    version: int
    terms: AuthorizationTerms
    at: AwareDatetime
    by: str
    why: str
    case_id: str
    kind: AfterDecisionKind | None = None


def approved_terms(request: AuthorizationRequest, views: Iterable[LineView]) -> AuthorizationTerms:
    """The terms of the approved lines of a request, as its determination or its change has them."""
    lines = {line.line_id: line for line in request.lines}
    given = request.servicing_provider
    return AuthorizationTerms(
        lines=tuple(
            _line_terms(lines[view.line_id], view)
            for view in views
            if view.outcome in APPROVING_OUTCOMES and view.line_id in lines
        ),
        servicing_npi=given.npi if given is not None else None,
        servicing_name=given.name if given is not None else None,
    )


def asked_terms(request: AuthorizationRequest) -> AuthorizationTerms:
    """The terms that a change asks for, as if all of it were granted."""
    views = (LineView(line_id=one.line_id, code=one.code, description="", route="") for one in request.lines)
    return approved_terms(request, (view.model_copy(update={"outcome": LineOutcome.APPROVED}) for view in views))


def merge_terms(
    before: AuthorizationTerms, change: AuthorizationTerms, base: AuthorizationTerms | None = None
) -> AuthorizationTerms:
    """The terms after a change that was asked of the terms `base` (None: of those before).

    Only what the change asked for changes: what took effect since stays. Units stay as they are, and no line loses days to it:
    of two changes of the same days, and of days that were approved in part, all stand.
    """
    asked_of = {line.line_id: line for line in (base or before).lines}
    changed = {line.line_id: line for line in change.lines}
    lines = (
        _merged_line(line, asked_of.get(line.line_id, line), changed.get(line.line_id, line)) for line in before.lines
    )
    after = before.model_copy(update={"lines": tuple(lines)})
    if change.servicing_npi is None or change.servicing_npi == (base or before).servicing_npi:
        return after
    return after.model_copy(update={"servicing_npi": change.servicing_npi, "servicing_name": change.servicing_name})


def _merged_line(now: LineTerms, base: LineTerms, asked: LineTerms) -> LineTerms:
    if asked.place_of_service != base.place_of_service:
        now = now.model_copy(update={"place_of_service": asked.place_of_service})
    if (asked.start, asked.end) == (base.start, base.end):
        return now
    start, end = asked.start, asked.end
    if is_shorter(now, start, end) or (now.start, now.end) != (base.start, base.end):
        start = None if start is None or now.start is None else min(start, now.start)
        end = None if end is None or now.end is None else max(end, now.end)
    return now.model_copy(update={"start": start, "end": end})


def is_shorter(now: LineTerms, start: date | None, end: date | None) -> bool:
    """Whether these days are fewer. Moved days are none the less, and an end that nobody set is no end."""
    if now.end is None:
        return end is not None
    if now.start is None or start is None or end is None:
        return end is not None and end < now.end
    return end - start < now.end - now.start


def is_cut(now: LineTerms, start: date | None, end: date | None) -> bool:
    """Whether some day that is authorized would not be any more."""
    later = start is not None and now.start is not None and start > now.start
    return later or (end is not None and (now.end is None or end < now.end))


def end_terms(before: AuthorizationTerms, effective_on: date, line_ids: Iterable[str]) -> AuthorizationTerms:
    """The terms of which these lines end before `effective_on`; one that had not begun by then is no longer authorized."""
    ended = set(line_ids)
    lines = (
        line.model_copy(update={"end": min(line.end or effective_on - _DAY, effective_on - _DAY)})
        if line.line_id in ended
        else line
        for line in before.lines
    )
    left = (line for line in lines if line.start is None or line.end is None or line.start <= line.end)
    return before.model_copy(update={"lines": tuple(left)})


def make_versions(
    first: AuthorizationTerms, at: datetime, by: str, case_id: str, changes: Iterable[AuthorizationVersion]
) -> tuple[AuthorizationVersion, ...]:
    """All versions in order, numbered from 1: the determination, then each change as it was recorded."""
    made = [AuthorizationVersion(version=1, terms=first, at=at, by=by, why="approved", case_id=case_id)]
    for number, change in enumerate(changes, 2):
        made.append(change.model_copy(update={"version": number}))
    return tuple(made)


def describe_difference(before: AuthorizationTerms, after: AuthorizationTerms) -> str:
    """The changes in words: ``line 1: until 2027-02-28 instead of 2026-12-31``; "nothing" where there is none."""
    if after.voided and not before.voided:
        return "given back"
    said = []
    old, new = ({line.line_id: line for line in terms.lines} for terms in (before, after))
    for line_id, line in new.items():
        said += _line_differences(old.get(line_id), line)
    said += [f"line {line_id}: no longer authorized" for line_id in old if line_id not in new]
    if after.servicing_npi != before.servicing_npi:
        said.append(
            f"given by {after.servicing_npi or 'nobody named'} instead of {before.servicing_npi or 'nobody named'}"
        )
    return "; ".join(said) or "nothing"


def _line_differences(before: LineTerms | None, after: LineTerms) -> list[str]:
    if before is None:
        return [f"line {after.line_id}: added"]
    names = (("quantity", "quantity"), ("start", "from"), ("end", "until"), ("place_of_service", "at place"))
    return [
        f"line {after.line_id}: {word} {_shown(getattr(after, name))} instead of {_shown(getattr(before, name))}"
        for name, word in names
        if getattr(before, name) != getattr(after, name)
    ]


def _shown(value: Any) -> str:
    return "not said" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _line_terms(line: ServiceLine, view: LineView) -> LineTerms:
    return LineTerms(
        line_id=line.line_id,
        code=line.code,
        description=view.description or line.description or line.code,
        quantity=view.approved_quantity if view.approved_quantity is not None else line.quantity,
        unit=line.unit,
        start=view.approved_start or line.start,
        end=view.approved_end or line.end or line.start,
        place_of_service=line.place_of_service,
    )
