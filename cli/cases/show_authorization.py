"""`umpire show` and `umpire letter`: one case from the sentence on top down to its last letter, from the store alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import typer
from sqlalchemy.orm import Session

from cli.cases import criteria_tree as trace
from cli.cases import show_case as dossier_showing
from cli.cases import tables as dossier_parts
from cli.cases.authorization_data import as_data
from cli.cases.case_data import letter_data, sentence
from cli.terminal import output
from cli.terminal.context import Office, known_case, office
from cli.terminal.errors import told
from cli.terminal.options import CaseNumber, Json, Reader
from domain.cases.views import LineView
from domain.coverage.circumstances import stated_by
from domain.drug_limits.outcomes import ExceptionWish
from services.case_lookup import REQUEST
from services.context import NotFound
from services.queries.access import message_of, readable
from services.queries.authorization_detail import Detail, consequences, detail_of
from services.queries.case_detail import dossier_of
from store import letters
from store.letters import LetterRecord

_WISHES = {
    ExceptionWish.ASKED: "the prescriber's statement is not there",
    ExceptionWish.SUPPORTED: "with the prescriber's statement",
}


def show(context: typer.Context, case: CaseNumber, reader: Reader = None, as_json: Json = False) -> None:
    """One dossier of any process: what it waits for, what its process shows, clocks, tasks, letters, journal.

    A request also shows its lines and the criteria trace. What a peer review found is shown to whoever works with it, and
    to nobody else: say with --as who reads.
    """
    with told():
        here = office(context)
        with here.reading() as s:
            number = known_case(s, case)
            if not number.startswith(REQUEST):
                found = readable(s, dossier_of(s, number), reader)
                dossier_showing.show(found, message_of(s, found), here, as_json)
                return
            detail = detail_of(s, number)
        if as_json:
            output.as_json(as_data(detail, here))
        else:
            _render(detail, here)


def letter(context: typer.Context, name: str = typer.Argument(metavar="CASE|LETTER"), as_json: Json = False) -> None:
    """Print the text of a letter, or of every letter of a case."""
    with told():
        here = office(context)
        with here.reading() as s:
            found = _letters(s, name)
        if as_json:
            output.as_json([letter_data(one, here) for one in found])
            return
        for place, one in enumerate(found):
            if len(found) > 1:
                output.say(*(() if place == 0 else ("",)), f"===== {one.letter_id} =====")
            output.say(one.rendered.text)


def _letters(s: Session, name: str) -> tuple[LetterRecord, ...]:
    try:
        return (letters.get(s, name),)
    except LookupError:
        pass
    if ":" in name:
        raise NotFound(f"There is no letter {name}.", "See the letters of a case with 'umpire show CASE'.")
    found = letters.of_case(s, known_case(s, name))
    if not found:
        raise NotFound(f"Case {name} has no letters yet.", f"See what it waits for with 'umpire show {name}'.")
    return found


# -- for people ------------------------------------------------------------------------------------------------------------


def _render(detail: Detail, here: Office) -> None:
    now = here.clock()
    output.say(sentence(detail.view, detail.case_id))
    _about(detail)
    _lines(detail)
    dossier_parts.clocks(detail, now)
    _consequences(detail)
    _criteria(detail)
    _limits(detail)
    dossier_parts.tasks(detail, now)
    dossier_parts.letters_of(detail, here)
    dossier_parts.documents(detail)
    dossier_parts.journal(detail)


def _about(detail: Detail) -> None:
    view, request = detail.view, detail.request
    asked = f"{request.urgency.urgency.value}, asked by the {request.urgency.asked_by.value}"
    rows = [("Member", request.member.member_id), ("Requested by", _provider(detail))]
    if view is not None:
        rows.append(("Law", f"{output.words(view.law)}, {view.state}, days counted in {view.zone}"))
        asked = f"{view.urgency.value} (as received: {asked})"
    rows.append(("Urgency", asked))
    special = ", ".join(output.words(one.value) for one in sorted(stated_by(request)))
    rows.append(("Circumstances", f"{special} (stated)" if special else "none stated"))
    rows.append(
        ("Received", f"{output.instant(request.received_at, detail.zone)} by {output.words(request.channel.value)}")
    )
    if detail.version > 1:
        rows.append(("Request", f"version {detail.version}"))
    output.heading("Request")
    output.table(("", ""), rows, show_header=False)


def _provider(detail: Detail) -> str:
    provider = detail.request.requesting_provider
    return f"{provider.name} (NPI {provider.npi})" if provider.name else f"NPI {provider.npi}"


def _lines(detail: Detail) -> None:
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
                line.description or (view.description if view else ""),
                quantity,
                days,
                _answer(view),
            )
        )
    output.heading("Lines")
    output.table(("Line", "Code", "Service", "Quantity", "Days", "Stands"), rows)


def _answer(view: LineView | None) -> str:
    if view is None:
        return ""
    if view.outcome is None:
        return output.words(view.route)
    by = f" by {view.decided_by}" if view.decided_by else ""
    amount = f", {view.approved_quantity}" if view.approved_quantity is not None else ""
    return f"{output.words(view.outcome.value)}{amount}{by}"


def _consequences(detail: Detail) -> None:
    """What the law made of a missed clock: the effect, who pays, and where the case file went."""
    rows = []
    for one in consequences(detail):
        since = output.instant(datetime.fromisoformat(one["since"]), detail.zone) if one["since"] else ""
        means = [one["words"] or "", _who_pays(one["liability"]), _where_the_file_went(one, detail)]
        means_words = " ".join(text for text in means if text)
        rows.append((output.words(one["effect"]), since, one["rule"] or "", one["citation"] or "", means_words))
    if rows:
        output.heading("What the law made of missed clocks")
        output.table(("Effect", "Since", "Rule", "Citation", "What it means"), rows)


def _who_pays(liability: dict[str, str] | None) -> str:
    if liability is None:
        return ""
    return (
        f"The {liability['bearer']} pays for {liability['pays_for']} until {liability['until']} ({liability['cite']})."
    )


def _where_the_file_went(one: dict[str, Any], detail: Detail) -> str:
    if one["forward_to"] is None:
        return ""
    if one["forwarded_at"] is None:
        return f"The case file has not been sent to the {one['forward_to']} yet."
    at = output.instant(datetime.fromisoformat(one["forwarded_at"]), detail.zone)
    return f"The case file went to the {one['forward_to']} on {at}."


def _criteria(detail: Detail) -> None:
    titles = {document.document_id: document.title for document in detail.documents}
    stored = {one.verdict_id: one for one in detail.verdicts}
    shown = [(line, stored[line.verdict_id]) for line in detail.lines if line.verdict_id in stored]
    if not shown:
        return
    output.heading("Criteria   [x] met   [ ] not met   [?] unknown")
    for line, one in shown:
        output.say(f"Line {line.line_id}, {line.code}:")
        output.tree(trace.tree(cast("dict[str, Any]", one.verdict), titles))


def _limits(detail: Detail) -> None:
    """Steps and quantity limits of drugs: how each came out, why, where it is written, and what would change it."""
    limited = [line for line in detail.lines if line.limits or line.exception]
    if not limited:
        return
    output.heading("Steps and quantity limits   [x] met   [ ] not met   [?] unknown")
    for line in limited:
        wish = f": an exception is asked for ({_WISHES[line.exception]})" if line.exception else ""
        output.say(f"Line {line.line_id}, {line.code}{wish}")
        for one in line.limits:
            mark, _ = trace.MARKS[one.state.value]
            weak = " (rests on a statement: a person looks)" if one.rests_on_statement else ""
            output.say(f"{mark} {one.rule_id}: {one.because}{weak}")
            output.say(f"    why: {one.reason} ({one.citation})")
            if one.what_would_change:
                output.say(f"    what would change it: {one.what_would_change}")
