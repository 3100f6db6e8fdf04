"""Templates of plain requests: complete examples of the synthetic plan, each property with a comment, to be edited and sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Literal, get_args

from interop.plain.comments import MARK
from interop.plain.document import EXAMPLE_TEXT, FORMAT
from interop.plain.schema import schema_of_format

TemplateName = Literal["medical", "drug", "inpatient", "behavioral"]
TEMPLATE_NAMES: tuple[TemplateName, ...] = get_args(TemplateName)
_SET_BY_PLAN = frozenset({"unread"})
_CLINIC = {
    "npi": "1999999984",
    "name": "Riverbend Clinic",
    "phone": "217-555-0110",
    "fax": "217-555-0111",
    "address": ["1 Riverbend Way", "Springfield, IL 62703"],
}
_ORDERING = {
    "npi": "1777777719",
    "name": "Dr. Sam Ordering",
    "phone": "217-555-0120",
    "fax": "217-555-0121",
    "address": ["1 Riverbend Way Suite 200", "Springfield, IL 62703"],
}
_HOSPITAL = {
    "npi": "1215000062",
    "name": "Meridian Heart Hospital",
    "phone": "217-555-0170",
    "fax": "217-555-0171",
    "address": ["1 Meridian Square", "Springfield, IL 62704"],
}


def write_template(name: TemplateName, today: date, submission_id: str) -> str:
    """The template as JSON text. Its dates lie around `today`; `submission_id` has to be new each time."""
    values = _EXAMPLES[name](today)
    whole = {"format": FORMAT, "submission_id": submission_id, "plan_identifier": "1888888884", **values}
    schema = schema_of_format("request")
    about = (
        f"{name} request. Edit the values and send it with 'umpire submit FILE'; 'umpire submit FILE --check' tells what is "
        f"wrong. Properties that begin with {MARK} are comments and are not read; delete what you do not need."
    )
    return json.dumps({MARK: about, **_explained(whole, schema, schema["$defs"])}, indent=2, ensure_ascii=False)


def _medical(today: date) -> dict[str, Any]:
    return {
        "sender": {"organization": "Riverbend Clinic", "npi": _CLINIC["npi"]},
        "trace_numbers": ["RB-0001"],
        "service_kind": "medical",
        "urgency": {"urgency": "standard", "asked_by": "provider"},
        "member": _member("MBR1000001", "Whitfield", "Alma", "1951-04-12"),
        "requesting_provider": _CLINIC,
        "servicing_provider": {"npi": "1215000021", "name": "Breathe Easy Medical Supply"},
        "ordering_practitioner": _ORDERING,
        "diagnoses": ["J44.9"],
        "lines": [
            _line(
                today + timedelta(days=7),
                today + timedelta(days=97),
                code="E1390",
                code_system="hcpcs",
                description="Oxygen concentrator, single delivery port",
                modifiers=["RR"],
                quantity=3,
                unit="month",
                place_of_service="12",
                diagnoses=["J44.9"],
            )
        ],
        "documents": [_record("visit-note", "Office visit note", today)],
        "facts": [
            _fact("o2.ordered_and_reviewed", True, today),
            _fact("o2.sat_rest", 86, today, unit="%"),
        ],
    }


def _drug(today: date) -> dict[str, Any]:
    return {
        "sender": {"organization": "Riverbend Clinic", "npi": _CLINIC["npi"]},
        "trace_numbers": ["RB-RX-0001"],
        "service_kind": "pharmacy_drug",
        "urgency": {"urgency": "standard", "asked_by": "provider"},
        "circumstances": ["drug_exception"],
        "member": _member("MBR1000012", "Lindqvist", "Greta", "1954-02-20"),
        "requesting_provider": _CLINIC,
        "ordering_practitioner": _ORDERING,
        "diagnoses": ["M05.79"],
        "lines": [
            _line(
                today + timedelta(days=3),
                today + timedelta(days=30),
                code="99999-0123-45",
                code_system="ndc",
                description="Adalimumab 40 mg pen (invented package code)",
                quantity=2,
                unit="pen",
                diagnoses=["M05.79"],
            )
        ],
        "documents": [_record("visit-note", "Prescriber's supporting statement", today)],
        "facts": [_fact("rx.exception_statement", True, today)],
        "statements": [
            {
                "code_system": "NDC",
                "code": "99999-0200-30",
                "value": 30,
                "unit": "d",
                "effective": _day(today - timedelta(days=90)),
                "reference": "fill-1",
            }
        ],
    }


def _inpatient(today: date) -> dict[str, Any]:
    return {
        "sender": {"organization": "Meridian Heart Hospital", "npi": _HOSPITAL["npi"]},
        "trace_numbers": ["MH-0001"],
        "review_kind": "concurrent",
        "service_kind": "medical",
        "urgency": {"urgency": "expedited", "asked_by": "provider"},
        "member": _member("MBR1000005", "Brandt", "Walter", "1944-01-22"),
        "requesting_provider": _HOSPITAL,
        "ordering_practitioner": {"npi": "1215000146", "name": "Dr. Ines Calder"},
        "diagnoses": ["I50.23"],
        "hospital_stay": {"visit_number": "V800999", "admitted_on": _day(today - timedelta(days=1))},
        "lines": [
            _line(
                today - timedelta(days=1),
                today + timedelta(days=1),
                code="0120",
                code_system="other",
                description="Room and board, semi-private",
                level_of_care="inpatient",
                quantity=3,
                unit="day",
                place_of_service="21",
                diagnoses=["I50.23"],
            )
        ],
        "documents": [_record("visit-note", "Admission history and physical", today)],
        "facts": [
            {
                "id": "ip.order",
                "value": True,
                "effective": _day(today - timedelta(days=1)),
                "source": {"kind": "structured_resource", "reference": "Order/1"},
            },
            _fact("ip.expected_midnights", 3, today),
        ],
    }


def _behavioral(today: date) -> dict[str, Any]:
    return {
        "sender": {"organization": "Riverbend Clinic", "npi": _CLINIC["npi"]},
        "trace_numbers": ["RB-BH-0001"],
        "service_kind": "behavioral",
        "urgency": {"urgency": "expedited", "asked_by": "provider", "physician_statement": True},
        "member": _member("MBR1000003", "Delgado", "Rosa", "1986-02-17"),
        "requesting_provider": _CLINIC,
        "ordering_practitioner": _ORDERING,
        "diagnoses": ["F10.20"],
        "lines": [
            _line(
                today + timedelta(days=2),
                today + timedelta(days=32),
                code="H0015",
                code_system="hcpcs",
                description="Intensive outpatient program for alcohol or drug use",
                quantity=12,
                unit="visit",
                place_of_service="57",
                diagnoses=["F10.20"],
            )
        ],
        "documents": [_record("visit-note", "Intake assessment", today)],
    }


_EXAMPLES: Mapping[TemplateName, Callable[[date], dict[str, Any]]] = {
    "medical": _medical,
    "drug": _drug,
    "inpatient": _inpatient,
    "behavioral": _behavioral,
}


def _member(member_id: str, family_name: str, given_name: str, birth_date: str) -> dict[str, Any]:
    return {"member_id": member_id, "family_name": family_name, "given_name": given_name, "birth_date": birth_date}


def _line(first: date, last: date, **values: Any) -> dict[str, Any]:
    return {"line_id": "1", "start": _day(first), "end": _day(last), **values}


def _record(name: str, title: str, today: date) -> dict[str, Any]:
    text = f"{EXAMPLE_TEXT} of {_day(today)}. Put the text of the record here, or the file itself under base64."
    return {"name": name, "title": title, "content_type": "text/plain", "text": text}


def _fact(fact_id: str, value: Any, today: date, unit: str | None = None) -> dict[str, Any]:
    source = {"kind": "document", "reference": "visit-note"}
    return {"id": fact_id, "value": value, "unit": unit, "effective": _day(today), "source": source}


def _day(day: date) -> str:
    return day.isoformat()


def _explained(value: dict[str, Any], schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The object with every property of its schema, each after its comment."""
    made: dict[str, Any] = {}
    for name, about in schema["properties"].items():
        if name in _SET_BY_PLAN:
            continue
        inner = _inner(about, definitions)
        made[f"{MARK}{name}"] = _comment(name, about, inner, schema)
        given = value.get(name, about.get("default", None))
        match given:
            case dict() if "properties" in inner:
                made[name] = _explained(given, inner, definitions)
            case [dict() as first, *rest] if "properties" in inner:
                made[name] = [_explained(first, inner, definitions), *rest]
            case _:
                made[name] = given
    return made


def _inner(about: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The definition that a property, or an entry of its list, refers to; its own schema where it refers to none."""
    kinds = [about, about.get("items", {}), *about.get("anyOf", ())]
    named = next((kind["$ref"] for kind in kinds if "$ref" in kind), None)
    return definitions[named.rpartition("/")[2]] if named is not None else about


def _comment(name: str, about: dict[str, Any], inner: dict[str, Any], schema: dict[str, Any]) -> str:
    words: str = about["description"]
    if "enum" in inner and inner is not about:
        words += f" {''.join(str(inner['description']).partition('Values: ')[1:])}"
    needed = "Needed" if name in schema.get("required", ()) else "May be left out"
    return f"{needed}. {words}"
