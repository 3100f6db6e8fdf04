"""The JSON Schemas for editors accept what the rulebook holds and refuse what the loader refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rulebook.schemas import KINDS, schema_of
from rulebook.yamlfile import RULEBOOK_ROOT, read_yaml

_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def wrong(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether a value breaks a schema: the few words of JSON Schema that ours use."""
    if "$ref" in schema:
        return wrong(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if any(wrong(value, one, root) for one in schema.get("allOf", ())):
        return True
    for several in ("anyOf", "oneOf"):
        if several in schema and all(wrong(value, one, root) for one in schema[several]):
            return True
    if "enum" in schema and value not in schema["enum"]:
        return True
    if "const" in schema and value != schema["const"]:
        return True
    if not _is(value, schema.get("type")):
        return True
    if isinstance(value, str) and "pattern" in schema and re.search(schema["pattern"], value) is None:
        return True
    if isinstance(value, list):
        return len(value) < schema.get("minItems", 0) or any(wrong(v, schema.get("items", {}), root) for v in value)
    return isinstance(value, dict) and _wrong_object(value, schema, root)


def _is(value: Any, kind: str | None) -> bool:
    if kind in ("integer", "number"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return kind is None or isinstance(value, _TYPES[kind])


def _wrong_object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any]) -> bool:
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    if any(name not in value for name in schema.get("required", ())):
        return True
    for name, inner in value.items():
        if name in properties:
            if wrong(inner, properties[name], root):
                return True
        elif more is False or (isinstance(more, dict) and wrong(inner, more, root)):
            return True
    return False


FILES = [(kind, path) for kind, about in KINDS.items() for path in about.paths(RULEBOOK_ROOT)]


@pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda value: value if isinstance(value, str) else value.name)
def test_every_shipped_file_fits_its_schema(kind: str, path: Path):
    schema, data = schema_of(kind), read_yaml(path).data
    for key in KINDS[kind].lists:
        items = schema["properties"][key]["items"]
        assert [item for item in data.get(key, ()) if wrong(item, items, schema)] == []
    assert not wrong(data, schema, schema)


def test_every_file_of_the_rulebook_is_of_exactly_one_kind():
    assert sorted(path for _, path in FILES) == sorted(RULEBOOK_ROOT.rglob("*.yaml"))


@pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda value: value if isinstance(value, str) else value.name)
def test_a_key_that_nobody_knows_is_underlined_in_every_kind_of_file(kind: str, path: Path):
    schema, data = schema_of(kind), read_yaml(path).data
    assert wrong(data | {"lists": []}, schema, schema)
    for key in KINDS[kind].lists:
        for item in data.get(key, ()):
            assert wrong(item | {"citaton": "42 CFR"}, schema["properties"][key]["items"], schema)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_schema_is_json_and_defines_what_it_refers_to(kind: str):
    text = json.dumps(schema_of(kind))
    assert set(re.findall(r"#/\$defs/(\w+)", text)) <= set(schema_of(kind)["$defs"])


@pytest.mark.parametrize("change", [{"lenght": {}}, {"confidence": "certain"}, {"cites": []}, {"rule_id": "a b"}])
def test_a_mistake_is_underlined(change: dict[str, Any]):
    schema = schema_of("clocks")
    (good,) = (item for item in read_yaml(RULEBOOK_ROOT / "clocks" / "state_il.yaml").data["clocks"][:1])
    items = schema["properties"]["clocks"]["items"]
    assert not wrong(good, items, schema)
    assert wrong(good | change, items, schema)


def test_a_start_may_be_one_event_or_several_points():
    schema = schema_of("clocks")
    start = schema["$defs"]["ClockStart"]
    assert not wrong({"event": "request_received", "note": "at any hour"}, start, schema)
    assert not wrong({"take": "earliest", "points": [{"event": "request_received"}]}, start, schema)
    assert wrong({"event": "moonrise"}, start, schema)
    assert wrong({"note": "nothing starts it"}, start, schema)
