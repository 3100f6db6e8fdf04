"""Words for what is wrong with a document or a form are those of people: no names of types, no sentences of a library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from domain.authorization.messages import AuthorizationMessage
from domain.discharge.messages import DischargeMessage
from domain.plain_language.value_errors import describe_value_error, expected_value
from domain.retrospective.messages import RetrospectiveMessage
from domain.stays.messages import StayMessage
from interop.issues import IssueCollector
from interop.plain.schema import SCHEMA_NAMES, models_of_format
from interop.plain.validation_issues import add_validation_issues

LIBRARY = re.compile(
    r"Input|should (be|have)|valid |instance|Tuple|List\b|String|Decimal|Field required|Extra|pydantic|dictionary|NoneType"
    r"|items? after|characters?\b|microsecond|unable to|Literal|\bstr\b|\bint\b|\bbool\b|_parsing\b"
)
WRONG: tuple[Any, ...] = (
    None,
    "",
    "?" * 300,
    "yes",
    -1,
    10**30,
    1.5,
    True,
    [],
    [None],
    {},
    {"?": 1},
    "2026-02-30",
    float("nan"),
)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that stands in an annotation."""
    for one in get_args(annotation):
        yield from models(one)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation


def below(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    if model not in seen:
        seen.add(model)
        yield model
        for field in model.model_fields.values():
            for inner in models(field.annotation):
                yield from below(inner, seen)


FORMATS = [model for name in SCHEMA_NAMES for model in models_of_format(name)]
MESSAGES = [
    model
    for union in (
        AuthorizationMessage,
        StayMessage,
        DischargeMessage,
        RetrospectiveMessage,
    )
    for model in models(union)
]
CHECKED = list(
    dict.fromkeys(
        part for seen in [set[type[BaseModel]]()] for one in (*FORMATS, *MESSAGES) for part in below(one, seen)
    )
)


def errors(model: type[BaseModel]) -> Iterator[ValidationError]:
    """The errors of each field when any of the wrong values stands in it, and of the model itself."""
    for value in WRONG:
        try:
            TypeAdapter(model).validate_python(value)
        except ValidationError as wrong:
            yield wrong
        for name in model.model_fields:
            try:
                model.model_validate({name: value})
            except ValidationError as wrong:
                yield wrong


@pytest.mark.parametrize("model", CHECKED, ids=lambda model: model.__name__)
def test_what_is_wrong_with_a_value_is_said_in_words_of_people(model: type[BaseModel]) -> None:
    said: set[str] = set()
    for wrong in errors(model):
        for error in wrong.errors(include_url=False, include_input=False):
            said |= {describe_value_error(error), expected_value(error)}
        findings = IssueCollector()
        add_validation_issues(wrong, findings)
        said |= {f"{one.message} {one.expected}" for one in findings.problems}
    assert said
    assert {one for one in said if LIBRARY.search(one)} == set()
    assert {one for one in said if not one.strip() or one.endswith("expected ")} == set()
