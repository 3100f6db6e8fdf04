"""Changes of an authorization as they are asked for: which rules they break, and the lines that they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.errors import RuleViolation, violation
from domain.follow_ups.terms import AuthorizationTerms, LineTerms, is_cut, is_shorter
from domain.model import Model
from domain.requests.after_decision import AfterDecisionKind
from domain.requests.request import AuthorizationRequest, ProviderReference, ServiceLine

END_EARLY_WAY_OUT = "Ending it early has its own rule: 'umpire authorization end'."
_SENT_FIELDS = ("start", "end", "quantity", "place_of_service")


class LineChange(Model):
    """The change of one line; None leaves a value as it is. Both days count."""

    line_id: str
    start: date | None = None
    end: date | None = None
    quantity: Decimal | None = None
    place_of_service: str | None = None


class ReductionNotice(Model):
    """The rule by which an authorization may end early: days of notice before it takes effect, and its citation."""

    days_of_notice: int
    citation: str


class AskedChange(Model):
    """A change of an authorization. For more units a line's quantity is how many more. `effective_on` is the first day that an
    early end no longer covers, with its `notice`."""

    kind: AfterDecisionKind
    lines: tuple[LineChange, ...] = ()
    servicing_provider: ProviderReference | None = None
    effective_on: date | None = None
    notice: ReductionNotice | None = None


def change_violations(terms: AuthorizationTerms, asked: AskedChange, today: date) -> tuple[RuleViolation, ...]:
    """Every rule that the change breaks. `today` is the day in the case's zone."""
    if terms.voided:
        return (violation("change.voided", "The authorization was given back.", "Send a new request."),)
    if not terms.lines:
        return (violation("change.nothing", "The case authorizes nothing.", "Send a new request, or appeal."),)
    return tuple(_violations(terms, asked, today))


def _violations(terms: AuthorizationTerms, asked: AskedChange, today: date) -> Iterator[RuleViolation]:
    known = {line.line_id: line for line in terms.lines}
    for change in asked.lines:
        if change.line_id not in known:
            wanted = f"Name one of: {', '.join(known)}."
            yield violation("change.line", f"The authorization has no line {change.line_id}.", wanted)
        else:
            yield from _line_violations(known[change.line_id], change, asked.kind)
    match asked.kind:
        case AfterDecisionKind.PROVIDER if asked.servicing_provider is None:
            yield violation("change.provider", "It is not said who gives the service.", "Name the provider's NPI.")
        case AfterDecisionKind.PROVIDER if (given := asked.servicing_provider) and given.npi == terms.servicing_npi:
            yield violation("change.nothing", "That provider gives the service already.", "Nothing needs to be done.")
        case AfterDecisionKind.END_EARLY:
            yield from _end_violations(terms, asked, today)
        case AfterDecisionKind.VOID | AfterDecisionKind.PROVIDER | AfterDecisionKind.REOPENING:
            pass
        case _ if not asked.lines:
            yield violation("change.nothing", "It is not said what changes.", "Name the line and what it should be.")


def _line_violations(now: LineTerms, change: LineChange, kind: AfterDecisionKind) -> Iterator[RuleViolation]:
    start, end = change.start or now.start, change.end or now.end
    if start is not None and end is not None and end < start:
        yield violation("change.days", f"Line {now.line_id} would end before it starts.", "Correct the days.")
        return
    if kind is AfterDecisionKind.MORE_UNITS:
        if change.quantity is None or change.quantity <= 0:
            yield violation("change.units", "It is not said how many more.", "Say how many more units are asked for.")
        return
    if change.quantity is not None and change.quantity != now.quantity:
        yield violation("change.units", "Other units are a request of their own.", "Ask for more units instead.")
    takes = is_shorter(now, start, end) if kind is AfterDecisionKind.DATES else is_cut(now, start, end)
    if takes:
        yield violation("change.less", f"Line {now.line_id} would be authorized for fewer days.", END_EARLY_WAY_OUT)
    if all(getattr(change, name) in (None, getattr(now, name)) for name in _SENT_FIELDS):
        yield violation("change.nothing", f"Line {now.line_id} is like that already.", "Nothing needs to be done.")


def _end_violations(terms: AuthorizationTerms, asked: AskedChange, today: date) -> Iterator[RuleViolation]:
    if asked.notice is None or asked.effective_on is None:
        yield violation("change.end", "No rule of the line lets it end early.", "The authorization stands.")
        return
    earliest = today + timedelta(days=asked.notice.days_of_notice + 1)
    if asked.effective_on < earliest:
        message = f"It needs {asked.notice.days_of_notice} days of notice: {earliest} at the earliest"
        yield violation("change.notice", f"{message} ({asked.notice.citation}).", "Name that day or a later one.")
    if all(line.end is not None and line.end < asked.effective_on for line in terms.lines):
        yield violation("change.nothing", "It ends before that day anyway.", "Nothing needs to be done.")


def changed_lines(
    request_lines: Iterable[ServiceLine], terms: AuthorizationTerms, asked: AskedChange
) -> tuple[ServiceLine, ...]:
    """The lines of the request that asks for the change: those it names, or all, as they are authorized and then changed."""
    changes: Mapping[str, LineChange] = {change.line_id: change for change in asked.lines}
    known = {line.line_id: line for line in terms.lines}
    named = [line for line in request_lines if line.line_id in known and (not changes or line.line_id in changes)]
    return tuple(_changed_line(line, known[line.line_id], changes.get(line.line_id)) for line in named)


def _changed_line(line: ServiceLine, now: LineTerms, change: LineChange | None) -> ServiceLine:
    authorized: dict[str, Any] = {name: getattr(now, name) for name in _SENT_FIELDS}
    said = {name: value for name in _SENT_FIELDS if (value := getattr(change, name, None)) is not None}
    return line.model_copy(update=authorized | said)


def classify_update(
    terms: AuthorizationTerms, before: AuthorizationRequest, after: AuthorizationRequest
) -> AskedChange | None:
    """The change of an authorization that an update of its request asks for; None for one that asks for other services, for
    less, or for nothing."""
    old, known = {line.line_id: line for line in before.lines}, {line.line_id: line for line in terms.lines}
    changes: list[LineChange] = []
    for line in after.lines:
        was = old.get(line.line_id)
        if was is None or line.line_id not in known or line.code != was.code:
            return None
        said = {name: getattr(line, name) for name in _SENT_FIELDS if getattr(line, name) != getattr(was, name)}
        if said:
            changes.append(LineChange(line_id=line.line_id, **said))
    given = after.servicing_provider if after.servicing_provider != before.servicing_provider else None
    units = [change for change in changes if change.quantity is not None]
    if units:
        return _asked_units(known, units) if len(units) == len(changes) and given is None else None
    if any(change.start is not None or change.end is not None for change in changes):
        kind = AfterDecisionKind.DATES
    else:
        kind = AfterDecisionKind.PLACE if changes else AfterDecisionKind.PROVIDER
    if not changes and given is None:
        return None
    return AskedChange(kind=kind, lines=tuple(changes), servicing_provider=given)


def _asked_units(known: Mapping[str, LineTerms], changes: Iterable[LineChange]) -> AskedChange | None:
    """The units that are asked for beyond those authorized; None where it is not more."""
    more: list[LineChange] = []
    for change in changes:
        now = known[change.line_id].quantity
        if now is None or change.quantity is None or change.quantity <= now:
            return None
        more.append(change.model_copy(update={"quantity": change.quantity - now}))
    return AskedChange(kind=AfterDecisionKind.MORE_UNITS, lines=tuple(more))
