"""The facts of a request as rows of a name and words: who asks, for whom, what, how urgent; the same for every edge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from domain.cases.views import CANCELLED, LineView
from domain.coverage.circumstances import stated_circumstances
from domain.model import Model
from domain.plain_language.phrases import count_phrase, lob_phrase
from domain.requests.request import ProviderReference, ServiceLine
from services.queries.authorization_detail import AuthorizationDetail

DescribeInstant = Callable[[datetime, str], str]


class LineRow(Model):
    """A service line in words: what is asked for, how much, on which days, and its result so far (empty: none)."""

    line_id: str
    code: str
    service: str
    quantity: str
    start: date | None = None
    end: date | None = None
    days: str
    result: str
    decided: bool = False
    place: str = ""
    cancelled: bool = False


def request_rows(detail: AuthorizationDetail, describe: DescribeInstant) -> list[tuple[str, str]]:
    """The facts of the request, in the order in which they are read. `describe` puts an instant in a zone into words."""
    view, request = detail.view, detail.request
    asked = f"{request.urgency.urgency.value}, asked by the {request.urgency.asked_by.value}"
    rows = [
        ("Diagnoses", ", ".join(request.diagnoses) or "none stated"),
        ("Requested by", provider_text(request.requesting_provider)),
    ]
    if request.servicing_provider is not None and request.servicing_provider.npi != request.requesting_provider.npi:
        rows.append(("Service by", provider_text(request.servicing_provider)))
    if view is not None:
        law = ", ".join(part for part in (lob_phrase(view.lob) if view.lob is not None else "", view.state) if part)
        rows.append(("Line of business", f"{law}, days counted in {view.zone}"))
        asked = f"{view.urgency.value} (as received: {asked})" if view.urgency is not None else asked
    rows.append(("Urgency", asked))
    special = ", ".join(_spell_out(one.value) for one in sorted(stated_circumstances(request)))
    rows.append(("Circumstances", f"{special} (stated)" if special else "none stated"))
    rows.append(("Received", f"{describe(request.received_at, detail.zone)} by {_spell_out(request.channel.value)}"))
    if request.by_hand is not None:
        phone = f" ({request.by_hand.caller_phone})" if request.by_hand.caller_phone else ""
        rows.append(("Entered by hand", f"by {request.by_hand.taken_by}; from {request.by_hand.caller_name}{phone}"))
    if (asked_after := request.after) is not None:
        rows.append(("Follows", f"{asked_after.case_id} ({_spell_out(asked_after.kind.value)})"))
    counted = zip(detail.coded_data, ("fact", "coded statement", "answer"), strict=True)
    if any(detail.coded_data):
        rows.append(("Came with", ", ".join(count_phrase(number, noun) for number, noun in counted if number)))
    if detail.version > 1:
        rows.append(("Request", f"version {detail.version}"))
    return rows


def line_rows(detail: AuthorizationDetail) -> tuple[LineRow, ...]:
    """The lines of the request; behind them those that were taken out of it, which its newest version does not list."""
    views = {line.line_id: line for line in detail.lines}
    rows = [_line_row(line, views.get(line.line_id)) for line in detail.request.lines]
    asked = {line.line_id for line in detail.request.lines}
    for line in detail.lines:
        if line.route == CANCELLED and line.line_id not in asked:
            rows.append(
                LineRow(
                    line_id=line.line_id,
                    code=line.code,
                    service=line.description,
                    quantity="",
                    days="",
                    result="cancelled by the requester",
                    cancelled=True,
                )
            )
    return tuple(rows)


def basis_text(view: LineView) -> str:
    """The reviewer's account of an approval: why, and by which criteria or why by none; empty without one."""
    said = view.basis
    if said is None:
        return ""
    used = f"criteria used: {'; '.join(said.criteria)}" if said.criteria else f"no criteria: {said.why_none}"
    return f"Line {view.line_id} approved because: {said.rationale} ({used})"


def provider_text(provider: ProviderReference) -> str:
    """A provider with name, NPI and phone, as far as they are known."""
    named = f"{provider.name} (NPI {provider.npi})" if provider.name else f"NPI {provider.npi}"
    return f"{named}, phone {provider.phone}" if provider.phone else named


def _line_row(line: ServiceLine, view: LineView | None) -> LineRow:
    named = line.description or (view.description if view else "")
    other = line.revenue_code if line.revenue_code != line.code else None
    place = [_spell_out(line.level_of_care) if line.level_of_care else ""]
    place.append(f"place of service {line.place_of_service}" if line.place_of_service else "")
    return LineRow(
        line_id=line.line_id,
        code=line.code,
        service=f"{named} (revenue code {other})" if other else named,
        quantity=f"{line.quantity} {line.unit or ''}".strip() if line.quantity is not None else "",
        start=line.start,
        end=line.end,
        days=_days_text(line.start, line.end),
        result=_result_text(view),
        decided=view is not None and view.outcome is not None,
        place=", ".join(one for one in place if one),
    )


def _days_text(start: date | None, end: date | None) -> str:
    return " to ".join(str(day) for day in (start, end) if day is not None)


def _result_text(view: LineView | None) -> str:
    if view is None:
        return ""
    if view.outcome is None:
        return _spell_out(view.route)
    by = f" by {view.decided_by}" if view.decided_by else ""
    amount = f", {view.approved_quantity}" if view.approved_quantity is not None else ""
    return f"{_spell_out(view.outcome.value)}{amount}{by}"


def _spell_out(name: str) -> str:
    return name.replace("_", " ")
