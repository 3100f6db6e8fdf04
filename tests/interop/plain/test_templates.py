"""Templates of requests: complete, described, and readable as they are printed."""

from __future__ import annotations

import json
from datetime import date

import pytest

from domain.vocabulary import Channel
from interop.plain.comments import remove_comments
from interop.plain.document import PlainRequest
from interop.plain.templates import TEMPLATE_NAMES, TemplateName, write_template
from interop.reader import read_request
from tests.interop.fhir.bundles import RECEIVED_AT

TODAY = date(2026, 11, 30)


def template(name: TemplateName) -> str:
    return write_template(name, TODAY, "RB-1")


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_a_template_is_read_and_says_that_its_record_is_an_example(name: TemplateName) -> None:
    submission = read_request(template(name).encode(), RECEIVED_AT, Channel.API)
    assert [note.rule for note in submission.notes] == ["umpire-template"]
    assert submission.request.remarks[0].about_service, "no rule answers while the example stands for a record"


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_every_property_of_a_template_has_its_comment_and_no_property_is_left_out(name: TemplateName) -> None:
    whole = json.loads(template(name))
    named = [key for key in whole if not key.startswith("//")]
    assert set(named) == set(PlainRequest.model_fields)
    assert all(f"//{key}" in whole for key in named)
    assert list(whole)[1] == "//format", "the request comes first and its records last"


def test_a_comment_is_not_read_at_any_depth() -> None:
    said = {"//": "x", "a": [{"//b": 1, "b": 2}], "c": {"//": []}}
    assert remove_comments(said) == {"a": [{"b": 2}], "c": {}}
