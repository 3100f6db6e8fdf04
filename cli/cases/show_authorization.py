"""`umpire show` and `umpire letter`: an authorization from its status sentence to its last letter, read from the store."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast

import typer
from sqlalchemy.orm import Session

from cli.cases import show_case, tables
from cli.cases.case_data import case_json, letter_json
from cli.terminal import criteria_tree, output
from cli.terminal.case_numbers import resolve_case_number
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.instants import parse_instant
from cli.terminal.options import CaseNumber, Json, Reader
from domain.case_numbers import kind_of
from domain.drug_limits.outcomes import ExceptionRequest
from domain.errors import NotOnFile
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import ProcessKind
from services.queries.authorization_detail import AuthorizationDetail, load_authorization_detail, missed_clock_effects
from services.queries.case_detail import CaseDetail, load_case_detail
from services.queries.case_history import load_detail_as_of
from services.queries.case_sentence import status_sentence
from services.queries.request_facts import basis_text, line_rows, request_rows
from store import letters
from store.letters import LetterRecord

AsOf = Annotated[str | None, typer.Option("--at", help="As it stood at this instant, such as 2026-03-02T14:00-06:00.")]
_EXCEPTION_TEXTS = {
    ExceptionRequest.ASKED: "the prescriber's statement is missing",
    ExceptionRequest.SUPPORTED: "with the prescriber's statement",
}


def show(
    context: typer.Context, case: CaseNumber, reader: Reader = None, at: AsOf = None, as_json: Json = False
) -> None:
    """Show a case of any process: status, summary, clocks, tasks, letters, journal.

    For an authorization also its lines and criteria traces. Peer review findings are shown only to those who work on them, a
    caller's message only to those who return calls: name the reader with --as. With --at as it stood then, with what was known.
    """
    with handle_errors():
        here = cli_context(context)
        then = parse_instant(at, "--at")
        now = then if then is not None else here.clock()
        with here.read_store() as s:
            number = resolve_case_number(s, case)
            detail = _load_detail(s, number, then, reader)
        if then is not None and not as_json:
            output.print_lines(f"As it stood at {output.say_instant(then, detail.zone)}.")
        if not isinstance(detail, AuthorizationDetail):
            show_case.print_case(detail, here, now, as_json)
        elif as_json:
            output.print_json(case_json(detail, here))
        else:
            _print_authorization(detail, here, now)


def _load_detail(s: Session, number: str, at: datetime | None, reader: str | None) -> CaseDetail:
    if at is not None:
        return load_detail_as_of(s, number, at, reader)
    if kind_of(number) is ProcessKind.REQUEST:
        return load_authorization_detail(s, number)
    return load_case_detail(s, number, reader)


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


def _print_authorization(detail: AuthorizationDetail, here: CliContext, now: datetime) -> None:
    output.print_lines(status_sentence(detail.view, detail.case_id))
    _print_request(detail)
    _print_service_lines(detail)
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
    rows = [
        *show_case.member_rows(detail, detail.request.member.member_id),
        *request_rows(detail, output.format_instant),
    ]
    output.print_heading("Request")
    output.print_table(("", ""), rows, show_header=False)


def _print_service_lines(detail: AuthorizationDetail) -> None:
    lines = line_rows(detail)
    rows = [
        (one.line_id, one.code, one.service, one.quantity, one.days, one.result) for one in lines if not one.cancelled
    ]
    output.print_heading("Lines")
    output.print_table(("Line", "Code", "Service", "Quantity", "Days", "Result"), rows)
    output.print_lines(*(text for line in detail.lines if (text := basis_text(line))))
    for one in lines:
        if one.cancelled:
            output.print_lines(f"Line {one.line_id}, {one.code} {one.service}: {one.result}.")


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
    at = output.say_instant(datetime.fromisoformat(one["forwarded_at"]), detail.zone)
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
