"""`umpire show` and `umpire letter`: an authorization from its status sentence to its last letter, read from the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import typer
from sqlalchemy.orm import Session

from cli.cases import show_case, tables
from cli.cases.authorization_data import authorization_json
from cli.cases.case_data import letter_json
from cli.terminal import criteria_tree, output
from cli.terminal.case_numbers import resolve_case_number
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import CaseNumber, Json, Reader
from domain.case_numbers import kind_of
from domain.cases.views import CANCELLED, LineView
from domain.coverage.circumstances import stated_circumstances
from domain.drug_limits.outcomes import ExceptionRequest
from domain.errors import NotOnFile
from domain.plain_language.phrases import count_phrase
from domain.requests.request import ProviderReference, ServiceLine
from domain.vocabulary import ProcessKind
from services.queries.authorization_detail import AuthorizationDetail, load_authorization_detail, missed_clock_effects
from services.queries.case_detail import load_case_detail
from services.queries.case_sentence import status_sentence
from store import letters
from store.letters import LetterRecord

_EXCEPTION_TEXTS = {
    ExceptionRequest.ASKED: "the prescriber's statement is missing",
    ExceptionRequest.SUPPORTED: "with the prescriber's statement",
}


def show(context: typer.Context, case: CaseNumber, reader: Reader = None, as_json: Json = False) -> None:
    """Show a case of any process: status, summary, clocks, tasks, letters, journal.

    For an authorization also its lines and criteria traces. Peer review findings are shown only to those who work on them, a
    caller's message only to those who return calls: name the reader with --as.
    """
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            number = resolve_case_number(s, case)
            if kind_of(number) is not ProcessKind.REQUEST:
                show_case.print_case(load_case_detail(s, number, reader), here, as_json)
                return
            detail = load_authorization_detail(s, number)
        if as_json:
            output.print_json(authorization_json(detail, here))
        else:
            _print_authorization(detail, here)


def letter(context: typer.Context, name: str = typer.Argument(metavar="CASE|LETTER"), as_json: Json = False) -> None:
    """Print the text of a letter, or of every letter of a case."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            found = _find_letters(s, name)
        if as_json:
            output.print_json([letter_json(one, here) for one in found])
            return
        for place, one in enumerate(found):
            if len(found) > 1:
                output.print_lines(*(() if place == 0 else ("",)), f"===== {one.letter_id} =====")
            output.print_lines(one.rendered.text)


def _find_letters(s: Session, name: str) -> tuple[LetterRecord, ...]:
    try:
        return (letters.get(s, name),)
    except NotOnFile:
        pass
    if ":" in name:
        raise NotOnFile(f"There is no letter {name}.", "See the letters of a case with 'umpire show CASE'.")
    found = letters.of_case(s, resolve_case_number(s, name))
    if not found:
        raise NotOnFile(f"Case {name} has no letters yet.", f"See what it waits for with 'umpire show {name}'.")
    return found


# -- for people ------------------------------------------------------------------------------------------------------------


def _print_authorization(detail: AuthorizationDetail, here: CliContext) -> None:
    now = here.clock()
    output.print_lines(status_sentence(detail.view, detail.case_id))
    _print_request(detail)
    _print_service_lines(detail)
    _print_cancelled_lines(detail)
    _print_follow_ups(detail)
    _print_remarks(detail)
    _print_proposals(detail)
    tables.print_clocks(detail, now)
    _print_missed_clock_effects(detail)
    _print_criteria(detail)
    _print_limits(detail)
    tables.print_tasks(detail, now)
    tables.print_letters(detail, here)
    tables.print_documents(detail)
    tables.print_desk(detail)
    tables.print_journal(detail)


def _print_request(detail: AuthorizationDetail) -> None:
    view, request = detail.view, detail.request
    asked = f"{request.urgency.urgency.value}, asked by the {request.urgency.asked_by.value}"
    rows = [
        *show_case.member_rows(detail, request.member.member_id),
        ("Diagnoses", ", ".join(request.diagnoses) or "none stated"),
        ("Requested by", _provider_text(request.requesting_provider)),
    ]
    if request.servicing_provider is not None and request.servicing_provider.npi != request.requesting_provider.npi:
        rows.append(("Service by", _provider_text(request.servicing_provider)))
    if view is not None:
        rows.append(
            (
                "Line of business",
                f"{output.format_lob(view.lob, view.state)}, days counted in {view.zone}",
            )
        )
        asked = f"{view.urgency.value} (as received: {asked})" if view.urgency is not None else asked
    rows.append(("Urgency", asked))
    special = ", ".join(output.spell_out(one.value) for one in sorted(stated_circumstances(request)))
    rows.append(("Circumstances", f"{special} (stated)" if special else "none stated"))
    rows.append(
        (
            "Received",
            f"{output.format_instant(request.received_at, detail.zone)} by {output.spell_out(request.channel.value)}",
        )
    )
    if request.by_hand is not None:
        phone = f" ({request.by_hand.caller_phone})" if request.by_hand.caller_phone else ""
        rows.append(("Entered by hand", f"by {request.by_hand.taken_by}; from {request.by_hand.caller_name}{phone}"))
    if (asked_after := request.after) is not None:
        rows.append(("Follows", f"{asked_after.case_id} ({output.spell_out(asked_after.kind.value)})"))
    counted = zip(detail.coded_data, ("fact", "coded statement", "answer"), strict=True)
    if any(detail.coded_data):
        rows.append(("Came with", ", ".join(count_phrase(number, noun) for number, noun in counted if number)))
    if detail.version > 1:
        rows.append(("Request", f"version {detail.version}"))
    output.print_heading("Request")
    output.print_table(("", ""), rows, show_header=False)


def _provider_text(provider: ProviderReference) -> str:
    named = f"{provider.name} (NPI {provider.npi})" if provider.name else f"NPI {provider.npi}"
    return f"{named}, phone {provider.phone}" if provider.phone else named


def _print_service_lines(detail: AuthorizationDetail) -> None:
    views = {line.line_id: line for line in detail.lines}
    rows = []
    for line in detail.request.lines:
        view = views.get(line.line_id)
        quantity = f"{line.quantity} {line.unit or ''}".strip() if line.quantity is not None else ""
        days = " to ".join(str(day) for day in (line.start, line.end) if day is not None)
        rows.append(
            (
                line.line_id,
                line.code,
                _service_text(line, view),
                quantity,
                days,
                _line_result(view),
            )
        )
    output.print_heading("Lines")
    output.print_table(("Line", "Code", "Service", "Quantity", "Days", "Result"), rows)
    output.print_lines(*(text for line in detail.lines if (text := _basis_text(line))))


def _print_cancelled_lines(detail: AuthorizationDetail) -> None:
    """Print the lines that were taken out of the request: its newest version does not list them any more."""
    asked = {line.line_id for line in detail.request.lines}
    for line in detail.lines:
        if line.route == CANCELLED and line.line_id not in asked:
            output.print_lines(f"Line {line.line_id}, {line.code} {line.description}: cancelled by the requester.")


def _print_follow_ups(detail: AuthorizationDetail) -> None:
    """Print what was asked after the decision, and the version of the authorization that is in effect."""
    if not detail.follow_ups:
        return
    output.print_heading("Asked after the decision")
    rows = [(row.case_id, output.spell_out(row.asked), output.spell_out(row.status)) for row in detail.follow_ups]
    output.print_table(("Case", "What", "Status"), rows)
    if len(detail.versions) > 1:
        number = detail.view.authorization_number if detail.view is not None else None
        output.print_lines(f"Version {len(detail.versions)} is in effect: umpire authorization show {number}")


def _service_text(line: ServiceLine, view: LineView | None) -> str:
    named = line.description or (view.description if view else "")
    other = line.revenue_code if line.revenue_code != line.code else None
    return f"{named} (revenue code {other})" if other else named


def _print_remarks(detail: AuthorizationDetail) -> None:
    """Print what of the request was not read, what is asked for first."""
    remarks = sorted(detail.request.remarks, key=lambda remark: not remark.about_service)
    if not remarks:
        return
    rows = [
        (remark.line_id or "", "what is asked for" if remark.about_service else "", remark.message, remark.path)
        for remark in remarks
    ]
    output.print_heading("Not read")
    output.print_table(("Line", "About", "Remark", "Place in the document"), rows)


def _print_proposals(detail: AuthorizationDetail) -> None:
    """Print what was said and changed nothing: by others than the requester, or before a newer change."""
    if detail.proposals:
        output.print_heading("Said, and not taken over")
        output.print_lines(*detail.proposals)


def _line_result(view: LineView | None) -> str:
    if view is None:
        return ""
    if view.outcome is None:
        return output.spell_out(view.route)
    by = f" by {view.decided_by}" if view.decided_by else ""
    amount = f", {view.approved_quantity}" if view.approved_quantity is not None else ""
    return f"{output.spell_out(view.outcome.value)}{amount}{by}"


def _basis_text(view: LineView) -> str:
    """The reviewer's account of an approval: why, and by which criteria or why by none."""
    said = view.basis
    if said is None:
        return ""
    used = f"criteria used: {'; '.join(said.criteria)}" if said.criteria else f"no criteria: {said.why_none}"
    return f"Line {view.line_id} approved because: {said.rationale} ({used})"


def _print_missed_clock_effects(detail: AuthorizationDetail) -> None:
    """Print the legal effects of missed clocks: effect, liability, and the recipient of the case file."""
    rows = []
    for one in missed_clock_effects(detail):
        since = output.format_instant(datetime.fromisoformat(one["since"]), detail.zone) if one["since"] else ""
        means = [one["words"] or "", _liability_text(one["liability"]), _case_file_text(one, detail)]
        means_words = " ".join(text for text in means if text)
        rows.append((output.spell_out(one["effect"]), since, one["rule"] or "", one["citation"] or "", means_words))
    if rows:
        output.print_heading("Legal effects of missed clocks")
        output.print_table(("Effect", "Since", "Rule", "Citation", "What it means"), rows)


def _liability_text(liability: dict[str, str] | None) -> str:
    if liability is None:
        return ""
    return (
        f"The {liability['bearer']} pays for {liability['pays_for']} until {liability['until']} ({liability['cite']})."
    )


def _case_file_text(one: dict[str, Any], detail: AuthorizationDetail) -> str:
    if one["forward_to"] is None:
        return ""
    if one["forwarded_at"] is None:
        return f"The case file has not been sent to the {one['forward_to']} yet."
    at = output.format_instant(datetime.fromisoformat(one["forwarded_at"]), detail.zone)
    return f"The case file was sent to the {one['forward_to']} on {at}."


def _print_criteria(detail: AuthorizationDetail) -> None:
    titles = {document.document_id: document.title for document in detail.documents}
    stored = {one.verdict_id: one for one in detail.verdicts}
    shown = [(line, stored[line.verdict_id]) for line in detail.lines if line.verdict_id in stored]
    if not shown:
        return
    output.print_heading("Criteria   [x] met   [ ] not met   [?] unknown")
    for line, one in shown:
        output.print_lines(f"Line {line.line_id}, {line.code}:")
        output.print_tree(criteria_tree.build_tree(cast("dict[str, Any]", one.verdict), titles))


def _print_limits(detail: AuthorizationDetail) -> None:
    """Print the limits of drugs: result, reason, source, and what would change it; and what the law supplies meanwhile."""
    limited = [line for line in detail.lines if line.limits or line.exception or line.supply]
    if not limited:
        return
    output.print_heading("Limits of drugs   [x] met   [ ] not met   [?] unknown")
    for line in limited:
        wish = f": an exception is requested ({_EXCEPTION_TEXTS[line.exception]})" if line.exception else ""
        output.print_lines(f"Line {line.line_id}, {line.code}{wish}")
        for one in line.limits:
            mark, _ = criteria_tree.MARKS[one.state.value]
            weak = " (rests on a statement: a person reviews it)" if one.rests_on_statement else ""
            output.print_lines(f"{mark} {one.rule_id}: {one.because}{weak}")
            output.print_lines(f"    why: {one.reason} ({one.citation})")
            if one.what_would_change:
                output.print_lines(f"    what would change it: {one.what_would_change}")
        if line.supply is not None:
            time = count_phrase(line.supply.days, "day")
            output.print_lines(f"Supplied for {time} by law: {line.supply.because} ({line.supply.citation})")
