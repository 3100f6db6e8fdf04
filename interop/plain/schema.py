"""JSON Schema of the plain formats, made from the models that read them: what the schema says is what the reader checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel, TypeAdapter

from domain.vocabulary import REQUEST_CIRCUMSTANCES
from interop.npi import NPI_PATTERN
from interop.plain.admission import Admission
from interop.plain.callbacks_and_concerns import CallbackMessage, ConcernReport
from interop.plain.claim import PlainClaim
from interop.plain.comments import MARK
from interop.plain.document import PlainRecords, PlainRequest
from interop.plain.value_words import VALUE_WORDS
from interop.service_codes import CODE_SHAPES, ICD10CM_PATTERN, REVENUE_PATTERN

SchemaName = Literal["request", "claim", "admission", "contact"]
SCHEMA_NAMES: tuple[SchemaName, ...] = get_args(SchemaName)
_MODELS: Mapping[SchemaName, Any] = {
    "request": PlainRequest,
    "claim": PlainClaim,
    "admission": Admission,
    "contact": CallbackMessage | ConcernReport,
}
_COMMENTED: frozenset[SchemaName] = frozenset({"request", "claim"})
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_RECORDS = frozenset(PlainRecords.model_fields)
"""They stand last: a reader wants the request first."""

_NULL = {"type": "null"}
_NPI_NAMES = ("npi", "facility_npi", "attending_npi")


def schema_of_format(name: SchemaName) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a format, with words for every property and every value of a closed list."""
    made: dict[str, Any] = TypeAdapter(_MODELS[name]).json_schema()
    definitions = made.pop("$defs", {})
    definitions.pop("Circumstance", None)  # senders state only some of them, which stand at the property
    head = {"$schema": _DRAFT, "title": f"umpire {name}"}
    whole = {**head, **_described(made), "$defs": {key: _described(one, key) for key, one in definitions.items()}}
    if name in _COMMENTED:
        whole["properties"] = dict(sorted(whole["properties"].items(), key=lambda one: one[0] in _RECORDS))
        _each_object(whole, _allow_comments)
    return whole


def models_of_format(name: SchemaName) -> tuple[type[BaseModel], ...]:
    """The models of the whole document; a format with several kinds of documents has one for each."""
    model = _MODELS[name]
    return (model,) if isinstance(model, type) else get_args(model)


def _described(schema: dict[str, Any], name: str = "") -> dict[str, Any]:
    """The schema of one object or closed list: words for its values, and the patterns that the reader checks beside it."""
    schema = {key: value for key, value in schema.items() if key != "title"}
    if "enum" in schema:
        return _with_value_words(schema, name)
    properties: dict[str, Any] = schema.get("properties", {})
    schema |= {"properties": {key: _property(key, one) for key, one in properties.items()}} if properties else {}
    if {"code", "code_system"} <= properties.keys() and "CodeSystem" in str(properties["code_system"]):
        schema["allOf"] = [
            {
                "if": {"properties": {"code_system": {"const": system.value}}},
                "then": {"properties": {"code": {"pattern": f"^({shape.pattern})$", "description": words}}},
            }
            for system, (shape, words) in CODE_SHAPES.items()
        ]
    return schema


def _property(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """One property. Null stands for leaving it out, where that is allowed."""
    schema = {key: value for key, value in schema.items() if key != "title"}
    if schema.get("default", "") is None:
        del schema["default"]
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != _NULL]
    if len(kinds) == 1 and "type" in kinds[0]:
        words = {key: value for key, value in schema.items() if key != "anyOf"}
        schema = {**kinds[0], **words, "type": [kinds[0]["type"], "null"]}
    if name in _NPI_NAMES:
        schema["pattern"] = f"^{NPI_PATTERN}$"
    if name == "diagnoses" and schema.get("items", {}).get("type") == "string":
        schema["items"] = {**schema["items"], "pattern": f"^{ICD10CM_PATTERN}$"}
    if name == "revenue_code":
        schema["pattern"] = f"^{REVENUE_PATTERN}$"
    if name == "circumstances":
        schema["items"] = {"enum": sorted(REQUEST_CIRCUMSTANCES), "type": "string"}
        schema["description"] += _value_words(name, schema["items"]["enum"])
    return _with_value_words(schema, name) if "enum" in schema else schema


def _with_value_words(schema: dict[str, Any], name: str) -> dict[str, Any]:
    words = schema.get("description", "") + _value_words(name, schema["enum"])
    return {**schema, "description": words.strip()}


def _value_words(name: str, values: list[str]) -> str:
    words = VALUE_WORDS[name]
    return " Values: " + "; ".join(f"{value}: {words[value]}" for value in values) + "."


def _each_object(schema: Any, change: Callable[[dict[str, Any]], None]) -> None:
    for one in (schema, *schema["$defs"].values()):
        if one.get("type") == "object":
            change(one)


def _allow_comments(schema: dict[str, Any]) -> None:
    schema["patternProperties"] = {f"^{MARK}": {"description": "A comment for people; it is not read."}}
