"""Tables of authorizations: their lines with the units used and left, their versions, and what was asked since."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cli.terminal import output
from domain.follow_ups.terms import describe_difference
from services.queries.authorizations import AuthorizationSheet


def print_sheets(sheets: Sequence[AuthorizationSheet]) -> None:
    for place, sheet in enumerate(sheets):
        if place:
            output.print_lines("")
        _print_sheet(sheet)


def _print_sheet(sheet: AuthorizationSheet) -> None:
    given = f", given by {sheet.servicing_npi}" if sheet.servicing_npi is not None else ""
    output.print_lines(
        f"Authorization {sheet.number} ({output.spell_out(sheet.state)}), version {len(sheet.versions)}: "
        f"case {sheet.case_id}, member {sheet.member_id}, asked for by {sheet.requesting_npi}{given}."
    )
    rows = [
        (
            use.terms.line_id,
            use.terms.code,
            use.terms.description,
            " to ".join(str(day) for day in (use.terms.start, use.terms.end) if day is not None),
            _amount(use.terms.quantity, use.terms.unit),
            _amount(use.used, None),
            "no limit" if use.left is None else _amount(use.left, None),
        )
        for use in sheet.lines
    ]
    output.print_table(("Line", "Code", "Service", "Days", "Approved", "Used", "Left"), rows)
    if len(sheet.versions) > 1:
        output.print_heading("Versions")
        output.print_table(("No.", "When", "Who", "What", "Why"), _version_rows(sheet))
    if sheet.follow_ups:
        output.print_heading("Asked after the decision")
        rows_after = [
            (row.case_id, output.spell_out(row.asked), output.spell_out(row.status)) for row in sheet.follow_ups
        ]
        output.print_table(("Case", "What", "Status"), rows_after)


def _version_rows(sheet: AuthorizationSheet) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for version in sheet.versions:
        before = sheet.versions[version.version - 2].terms if version.version > 1 else None
        what = "approved" if before is None else describe_difference(before, version.terms)
        why = version.why if before is not None else ""
        rows.append((f"v{version.version}", f"{version.at:%Y-%m-%d %H:%M} UTC", version.by, what, why))
    return rows


def _amount(quantity: Decimal | None, unit: str | None) -> str:
    return "" if quantity is None else f"{quantity.normalize():f} {unit or ''}".strip()
