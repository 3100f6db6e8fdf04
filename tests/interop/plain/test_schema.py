"""JSON Schema of the plain formats: words for everything, and the same rules as the reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from domain.vocabulary import CodeSystem
from interop.plain.schema import SCHEMA_NAMES, SchemaName, models_of_format, schema_of_format
from interop.plain.value_words import VALUE_WORDS
from interop.service_codes import icd10cm_code, shape_mismatch


def objects(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a schema, the whole document first."""
    for name, one in (("the document", schema), *schema["$defs"].items()):
        if "properties" in one:
            yield name, one


def properties(name: SchemaName) -> Iterator[tuple[str, dict[str, Any]]]:
    for owner, one in objects(schema_of_format(name)):
        for key, about in one["properties"].items():
            yield f"{owner}.{key}", about


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_property_has_words_in_sentences(name: SchemaName) -> None:
    wordless = [
        where for where, about in properties(name) if not re.match(r"^[A-Z].+\.$", about.get("description", ""))
    ]
    assert wordless == []


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_value_of_a_closed_list_has_words(name: SchemaName) -> None:
    schema = schema_of_format(name)
    lists = [about for _, about in properties(name) if "enum" in about]
    lists += [one for one in schema["$defs"].values() if "enum" in one]
    assert lists
    for one in lists:
        assert all(f"{value}: " in one["description"] for value in one["enum"] if value is not None)


def test_no_value_has_words_that_no_list_has() -> None:
    known: set[str] = set()
    for name in SCHEMA_NAMES:
        for one in (*schema_of_format(name)["$defs"].values(), *(about for _, about in properties(name))):
            known |= {str(value) for part in (one, one.get("items", {})) for value in part.get("enum", ())}
    assert {value for words in VALUE_WORDS.values() for value in words} - known == set()


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_instant_says_that_it_has_an_offset_and_every_day_that_it_is_a_day(name: SchemaName) -> None:
    for where, about in properties(name):
        if about.get("format") == "date-time":
            assert "offset" in about["description"], where
        if about.get("format") == "date":
            assert re.search(r"day|date", about["description"]), where


def fields(model: type[BaseModel]) -> Iterator[tuple[type[BaseModel], str]]:
    """The fields of a model and of every model below it."""
    for name, field in model.model_fields.items():
        yield model, name
        left = [field.annotation]
        while left:
            kind = left.pop()
            left.extend(get_args(kind))
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from fields(kind)


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_what_the_reader_takes_stands_in_the_schema_and_nothing_else(name: SchemaName) -> None:
    read = {(model.__name__, field) for whole in models_of_format(name) for model, field in fields(whole)}
    whole = schema_of_format(name)
    told = {(owner, key) for owner, one in objects(whole) for key in one["properties"]}
    alone = models_of_format(name)
    assert told == {
        ("the document" if len(alone) == 1 and owner == alone[0].__name__ else owner, key) for owner, key in read
    }
    assert all(one.get("additionalProperties") is False for _, one in objects(whole))


@pytest.mark.parametrize(
    ("system", "right", "wrong"),
    [
        (CodeSystem.HCPCS, ("E1390", "H0015", "99213", "0001U", "0075T"), ("ABCDE", "E139", "1E390", "Z1234")),
        (CodeSystem.ICD10PCS, ("0SG00AJ", "XW033E5", "HZ2ZZZZ"), ("ZZZZZZZ", "0SG00AI", "0SG00A", "A0000ZZ")),
        (
            CodeSystem.NDC,
            ("99999-0123-45", "9999-0123-45", "99999-123-45", "99999012345"),
            ("9999-012-4", "999-99", "x"),
        ),
    ],
)
def test_an_impossible_code_is_told_from_a_possible_one_by_reader_and_schema_alike(
    system: CodeSystem, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    rules = schema_of_format("request")["$defs"]["ServiceLine"]["allOf"]
    pattern = next(
        one["then"]["properties"]["code"]["pattern"]
        for one in rules
        if one["if"]["properties"]["code_system"]["const"] == system
    )
    for code in (*right, *wrong):
        assert (shape_mismatch(system, code) is None) is (code in right), code
        assert bool(re.search(pattern, code)) is (code in right), code


@pytest.mark.parametrize(
    ("code", "spelled"), [("J449", "J44.9"), ("u071", "U07.1"), ("C4A.9", "C4A.9"), ("W61.01XA", "W61.01XA")]
)
def test_a_diagnosis_has_its_usual_spelling(code: str, spelled: str) -> None:
    assert icd10cm_code(code) == spelled


@pytest.mark.parametrize("code", ["4401", "J4X.9", "JJ4.9", "J44.12345", "0120"])
def test_what_cannot_be_a_diagnosis_is_none(code: str) -> None:
    assert icd10cm_code(code) is None
