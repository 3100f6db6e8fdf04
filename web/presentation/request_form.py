"""A request as a form: its fields as they were typed, the plain request that they make, and issues back at their fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import JsonValue

from domain.coverage.directory import Provider
from domain.errors import ValidationIssue
from domain.evidence.facts import FactDefinition
from domain.vocabulary import AskedBy, ServiceKind, Urgency
from intake.portal import TypedAnswer, UploadedFile, fact_entry, file_entry
from services.queries.providers.authorization_need import code_system_of
from store.portal.drafts import DraftFile
from web.presentation.entered_values import DAY_WORDS, parse_count, parse_day, read_answer

MOST_LINES, LONGEST_TEXT = 10, 500
OF_REQUEST = (
    "member",
    "born",
    "kind",
    "urgency",
    "statement",
    "diagnoses",
    "servicing",
    "ordering",
    "contact",
    "phone",
)
OF_LINE = ("code", "words", "qty", "unit", "start", "end", "place")
UNITS = ("unit", "visit", "hour", "day", "week", "month", "session", "pen")
LABELS = {
    "member": "Member number",
    "born": "Date of birth",
    "kind": "Kind of service",
    "urgency": "How urgent it is",
    "statement": "The physician's statement",
    "diagnoses": "Diagnoses",
    "servicing": "Who gives the service",
    "ordering": "Ordering practitioner",
    "phone": "Telephone",
    "form": "The request",
    "file": "The record",
}
_LINE_LABELS = {
    "code": "Code",
    "words": "Service in words",
    "qty": "Quantity",
    "unit": "Unit",
    "start": "First day",
    "end": "Last day",
    "place": "Place",
}
_LINE_PATH = re.compile(r"\$?\.?lines\[(\d+)\]\.?(\w*)")
_LINE_FIELDS = {
    "code": "code",
    "code_system": "code",
    "description": "words",
    "quantity": "qty",
    "unit": "unit",
    "start": "start",
    "end": "end",
    "place_of_service": "place",
}
_PATHS = (
    ("member.birth_date", "member"),
    ("member", "member"),
    ("diagnoses", "diagnoses"),
    ("servicing_provider", "servicing"),
    ("ordering_practitioner", "ordering"),
    ("urgency", "urgency"),
    ("service_kind", "kind"),
    ("documents", "file"),
)


def label_of(field: str) -> str:
    """The words of a field, as an error names it."""
    name, _, line = field.rpartition("-")
    return f"{_LINE_LABELS[name]}, service {line}" if name in _LINE_LABELS else LABELS.get(field, field)


def count_lines(content: Mapping[str, Any]) -> int:
    """The number of services that the form shows: at least one."""
    return max(1, min(parse_count(str(content.get("lines", "1"))) or 1, MOST_LINES))


def read_fields(form: Mapping[str, Any]) -> dict[str, JsonValue]:
    """The fields of the first step as typed, each cut to what anybody writes there."""
    lines = count_lines(form)
    names = [*OF_REQUEST, *(f"{name}-{line}" for line in range(1, lines + 1) for name in OF_LINE)]
    texts = {name: form.get(name) for name in names}
    found: dict[str, JsonValue] = {
        name: text.strip()[:LONGEST_TEXT] for name, text in texts.items() if isinstance(text, str) and text.strip()
    }
    return found | {"lines": str(lines)}


def field_problems(content: Mapping[str, Any]) -> dict[str, str]:
    """The problems that can be seen without reading the request: fields that it cannot do without, and days that are none."""
    problems: dict[str, str] = {}
    if not content.get("member"):
        problems["member"] = "Give the number on the member's card."
    if parse_day(str(content.get("born", ""))) is None:
        problems["born"] = f"Expected {DAY_WORDS}."
    if content.get("kind") not in set(ServiceKind):
        problems["kind"] = "Choose the kind of service."
    if content.get("urgency") not in set(Urgency):
        problems["urgency"] = "Say how urgent it is."
    if not content.get("diagnoses"):
        problems["diagnoses"] = "Give at least one ICD-10-CM code, such as J44.9, the principal one first."
    for line in range(1, count_lines(content) + 1):
        problems |= _line_problems(content, line)
    return problems


def request_values(
    content: Mapping[str, Any],
    office: Provider | None,
    definitions: Mapping[str, FactDefinition],
    files: Sequence[tuple[DraftFile, UploadedFile]],
    today: date,
) -> dict[str, Any]:
    """The properties of the plain request that the fields, answers and files of a draft make; call it on fields without
    problems. `office` is the directory's entry of who asks."""
    requester: dict[str, Any] = {"phone": content.get("phone") or (office.phone if office is not None else None)}
    if office is not None:
        requester |= {"name": office.name, "fax": office.fax, "address": list(office.address)}
    born = parse_day(str(content.get("born", "")))
    diagnoses = str(content.get("diagnoses", "")).replace(",", " ").replace(";", " ").upper().split()
    names = [f"file-{one.file_id}" for one, _file in files]
    npi = office.npi if office is not None else ""
    return {
        "service_kind": content.get("kind"),
        "urgency": {
            "urgency": content.get("urgency"),
            "asked_by": AskedBy.PROVIDER.value,
            "physician_statement": {"yes": True, "no": False}.get(str(content.get("statement", ""))),
        },
        "member": {
            "member_id": str(content.get("member", "")).upper(),
            "birth_date": born.isoformat() if born else None,
        },
        "requesting_provider": requester,
        "servicing_provider": {"npi": content["servicing"]} if content.get("servicing") else None,
        "ordering_practitioner": {"npi": content["ordering"]} if content.get("ordering") else None,
        "diagnoses": diagnoses,
        "lines": [_line(content, line, diagnoses) for line in range(1, count_lines(content) + 1)],
        "documents": [file_entry(file, name) for name, (_one, file) in zip(names, files, strict=True)],
        "facts": [fact_entry(one, npi, names) for one in _answers(content, definitions, files, today)],
    }


def issues_at_fields(issues: Iterable[ValidationIssue]) -> dict[str, str]:
    """Issues of the request by the field that each is about; what is about no field stands under 'form'."""
    found: dict[str, str] = {}
    for issue in issues:
        message = f"{issue.message[:1].upper()}{issue.message[1:]}."
        said = f"{message} Expected: {issue.expected}." if issue.expected else message
        if issue.rule in ("intake.member_unknown", "intake.member_mismatch"):
            said = "Nobody with this number and this date of birth is a member here. Compare both with the card."
        name = _field_of(issue.path)
        found.setdefault(name, said)
    return found


def answer_problems(
    content: Mapping[str, Any], definitions: Mapping[str, FactDefinition], today: date
) -> dict[str, str]:
    """The problems with the answers typed in the second step, by the fact's id."""
    found: dict[str, str] = {}
    for fact, said in _typed_answers(content).items():
        known = definitions.get(fact)
        if known is None:
            continue
        read = read_answer(known, said.get("value", ""), said.get("day", ""), None, today)
        if read.problem is not None:
            found[fact] = read.problem
    return found


def _answers(
    content: Mapping[str, Any],
    definitions: Mapping[str, FactDefinition],
    files: Sequence[tuple[DraftFile, UploadedFile]],
    today: date,
) -> list[TypedAnswer]:
    places = {str(one.file_id): place for place, (one, _file) in enumerate(files)}
    read = (
        read_answer(known, said.get("value", ""), said.get("day", ""), places.get(said.get("shown_by", "")), today)
        for fact, said in _typed_answers(content).items()
        if (known := definitions.get(fact)) is not None
    )
    return [one.answer for one in read if one.answer is not None]


def _typed_answers(content: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    kept = content.get("answers")
    return kept if isinstance(kept, dict) else {}


def _line(content: Mapping[str, Any], line: int, diagnoses: Sequence[str]) -> dict[str, Any]:
    def said(name: str) -> str:
        return str(content.get(f"{name}-{line}", ""))

    start, end = parse_day(said("start")), parse_day(said("end"))
    code = said("code").upper()
    system = code_system_of(code)
    return {
        "line_id": str(line),
        "code_system": system.value if system is not None else "hcpcs",
        "code": code,
        "description": said("words") or None,
        "quantity": _number(said("qty")),
        "unit": said("unit") or None,
        "start": start.isoformat() if start else None,
        "end": end.isoformat() if end else None,
        "place_of_service": said("place") or None,
        "diagnoses": list(diagnoses),
    }


def _line_problems(content: Mapping[str, Any], line: int) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not content.get(f"code-{line}"):
        problems[f"code-{line}"] = "Give the code of the service."
    for name, needed in (("start", True), ("end", False)):
        said = str(content.get(f"{name}-{line}", ""))
        if (needed or said) and parse_day(said) is None:
            problems[f"{name}-{line}"] = f"Expected {DAY_WORDS}."
    if content.get(f"qty-{line}") and _number(str(content[f"qty-{line}"])) is None:
        problems[f"qty-{line}"] = "Expected a number."
    return problems


def _number(said: str) -> int | float | None:
    try:
        value = Decimal(said)
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value.adjusted()) > 12:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _field_of(path: str) -> str:
    line = _LINE_PATH.search(path)
    if line:
        return f"{_LINE_FIELDS.get(line[2], 'code')}-{int(line[1]) + 1}"
    bare = path.removeprefix("$").removeprefix(".")
    return next((field for start, field in _PATHS if bare.startswith(start)), "form")
