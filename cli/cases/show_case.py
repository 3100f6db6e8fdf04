"""Output of a case that is no authorization: its status sentence, then its summary and common parts."""

from __future__ import annotations

from datetime import datetime

from cli.cases import summary_rendering, tables
from cli.cases.case_data import case_json
from cli.terminal import output
from cli.terminal.context import CliContext
from services.queries.case_detail import CaseDetail
from services.queries.case_sentence import case_noun, status_sentence
from services.queries.summary_parts import order_fields


def print_case(detail: CaseDetail, here: CliContext, now: datetime, as_json: bool) -> None:
    """Print the case as tables or JSON; time left counts from `now` (UTC)."""
    message = detail.message
    if as_json:
        output.print_json(case_json(detail, here))
        return
    output.print_lines(status_sentence(detail.view, detail.case_id))
    _print_overview(detail)
    if detail.sheet is not None:
        summary_rendering.print_part(case_noun(detail.case_id), order_fields(detail.sheet), detail.zone)
    if message is not None:
        summary_rendering.print_part("Message", message, detail.zone)
    tables.print_clocks(detail, now)
    tables.print_tasks(detail, now)
    tables.print_letters(detail, here)
    tables.print_documents(detail)
    tables.print_desk(detail)
    tables.print_journal(detail)


def _print_overview(detail: CaseDetail) -> None:
    view = detail.view
    if view is None:
        return
    law = output.format_lob(view.lob, view.state)
    rows = [
        ("Title", view.title),
        *member_rows(detail, view.member_id),
        ("Line of business", f"{law or 'not known'}; days counted in {view.zone}"),
        ("Received", output.format_instant(view.received_at, view.zone)),
    ]
    output.print_heading("Case")
    output.print_table(("", ""), rows, show_header=False)


def member_rows(detail: CaseDetail, member_id: str) -> list[tuple[str, str]]:
    """The member with date of birth, id and phone, and their plan, as far as the directory has them."""
    member, coverage = detail.member, detail.coverage
    if member is None:
        return [("Member", member_id or "none known")]
    named = output.format_member(f"{member.given_name} {member.family_name}", member.birth_date, member_id)
    phone = f", phone {member.phone}" if member.phone else ""
    rows = [("Member", f"{named}, id {member.member_id}{phone}")]
    if coverage is not None:
        rows.append(("Plan", coverage.plan_name))
    return rows
