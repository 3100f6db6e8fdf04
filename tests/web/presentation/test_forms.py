"""Forms of pages: whatever is typed comes through as it was meant, and what nobody answered stays unanswered."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from domain import form_fields
from domain.cases import task_forms
from domain.cases.tasks import TaskKind
from domain.discharge.policy import AssessmentDomain
from domain.model import Model
from services.commands.benefit_review import BenefitReviewForm
from services.commands.task_forms import FORMS, form_for
from tests.web.pages_read import sent_by
from web.act_commands import ACTS
from web.presentation.form_reading import place_errors, read_typed
from web.presentation.forms import (
    FieldKind,
    FormField,
    build_form,
    change_entries,
    find_errors,
    kind_of,
    standing_subjects,
    takes_none,
)
from web.rendering import environment

ZONE = "America/New_York"
MODELS = [*dict.fromkeys(FORMS.values()), BenefitReviewForm]
ACTS_ON_A_CASE = [*dict.fromkeys(act.form for act in ACTS)]
Said = tuple[Any, dict[str, list[str]]]
"""A value of the form's JSON, and what a browser sends for it."""
_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=30
).filter(lambda said: bool(said.strip()) and said.lower() not in ("yes", "no") and not re.search(r"\d", said))
_LOCAL = st.datetimes(datetime.fromisoformat("2026-01-05T00:00"), datetime.fromisoformat("2026-03-01T00:00"))


@st.composite
def said_of(draw: st.DrawFn, model: type[Model], prefix: str = "") -> Said:
    """Some answers to a form."""
    values: dict[str, Any] = {}
    typed: dict[str, list[str]] = {}
    for name, field in model.model_fields.items():
        if not draw(st.integers(0, 3)):
            continue
        value, sent = draw(_said_of_field(field, f"{prefix}{name}"))
        typed |= sent
        if value != {}:
            values[name] = value
    return values, typed


@st.composite
def _said_of_field(draw: st.DrawFn, field: FieldInfo, path: str) -> Said:
    kind = form_fields.base_type(field.annotation)
    inner, _ = form_fields.nested_model(field.annotation)
    match kind_of(path, field):
        case FieldKind.GROUP if inner is not None:
            said: Said = draw(said_of(inner, f"{path}."))
            return said
        case FieldKind.LIST if inner is not None:
            shown, values, sent = draw(st.integers(1, 3)), [], {}
            subjects, first = standing_subjects(field), next(iter(inner.model_fields))
            for number in range(shown):
                one, fields = draw(said_of(inner, f"{path}.{number}."))
                if subjects:
                    subject = subjects[number].value
                    one, fields = (
                        {first: subject} | one | {first: subject},
                        fields | {f"{path}.{number}.{first}": [subject]},
                    )
                sent |= fields
                values += [one] if len(one) > bool(subjects) else []
            if not values and takes_none(field):
                return [], sent | {f"{path}.count": [str(shown)], f"{path}.none": ["yes"]}
            return values or {}, sent | {f"{path}.count": [str(shown)]}
        case FieldKind.LINES:
            lines = draw(st.lists(_TEXTS.map(str.strip), min_size=1, max_size=3))
            return lines, {path: ["\r\n".join(lines)]}
        case FieldKind.BOXES:
            known = form_fields.choices(form_fields.base_type(get_args(kind)[0]))
            chosen = draw(st.lists(st.sampled_from(known), min_size=1, unique=True))
            chosen.sort(key=known.index)
            return [getattr(one, "value", one) for one in chosen], {
                path: [str(getattr(one, "value", one)) for one in chosen]
            }
        case FieldKind.TICK:
            return True, {path: ["yes"]}
        case FieldKind.RADIO | FieldKind.SELECT if kind is bool:
            answer = draw(st.booleans())
            return answer, {path: ["yes" if answer else "no"]}
        case FieldKind.RADIO | FieldKind.SELECT:
            choice = draw(st.sampled_from(form_fields.choices(kind)))
            return getattr(choice, "value", choice), {path: [str(getattr(choice, "value", choice))]}
        case FieldKind.NUMBER:
            number = draw(st.integers(0, 10**9))
            name = getattr(kind, "__name__", "")
            return {"int": number, "float": float(number)}.get(name, str(number)), {path: [str(number)]}
        case FieldKind.DAY:
            day = draw(st.dates()).isoformat()
            return day, {path: [day]}
        case FieldKind.INSTANT:
            local = draw(_LOCAL).replace(second=0, microsecond=0)
            return local.replace(tzinfo=ZoneInfo(ZONE)).isoformat(), {path: [local.isoformat()[:16]]}
    text = draw(_TEXTS)
    return text, {path: [text]}


def _shown(model: type[Model], typed: dict[str, list[str]]) -> dict[str, list[str]]:
    """The fields that a browser sends of the page that shows these answers, but for fields that nobody filled in."""
    fields = environment().get_template("parts/fields.html").module.field  # type: ignore[attr-defined]
    page = "".join(str(fields(one)) for one in build_form(model, typed, ZONE))
    return {name: said for name, said in sent_by(page).items() if said != [""]}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_answers_come_through_the_page_as_they_were_meant(model: type[Model]) -> None:
    _check_answers(model, 2)


@pytest.mark.many
@pytest.mark.parametrize("model", [*MODELS, *ACTS_ON_A_CASE], ids=lambda model: model.__name__)
def test_hundreds_of_answers_to_every_form_come_through_the_page(model: type[Model]) -> None:
    _check_answers(model, 100)


def _check_answers(model: type[Model], examples: int) -> None:
    @settings(max_examples=examples)
    @given(said_of(model))
    def check(said: Said) -> None:
        values, typed = said
        found = read_typed(model, typed, ZONE)
        assert json.loads(json.dumps(found.values)) == values
        assert not found.problems
        shown = _shown(model, typed)
        subjects = {name for name in shown if name.endswith(".domain")}
        assert {name: one for name, one in shown.items() if not name.endswith(".count") and name not in subjects} == {
            name: one for name, one in typed.items() if not name.endswith(".count") and name not in subjects
        }
        assert read_typed(model, shown, ZONE).values == found.values

    check()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_form_that_nobody_filled_in_answers_nothing(model: type[Model]) -> None:
    assert read_typed(model, _shown(model, {}), ZONE).values == {}


@settings(max_examples=25)
@given(st.sampled_from(sorted(FORMS)), st.text(max_size=40))
def test_junk_gives_an_error_at_its_field_and_keeps_the_text(kind: TaskKind, junk: str) -> None:
    model = form_for(kind)
    assert model is not None
    typed: dict[str, list[str]] = {one.path: [junk] for one in _leaves(build_form(model, {}, ZONE))}
    found = read_typed(model, typed, ZONE)
    broken = [
        (one.rule.removeprefix("task.form").lstrip("."), one.message.rstrip(".").partition(": ")[2])
        for one in task_forms.violations(FORMS, kind, found.values)
    ]
    placed, _others = place_errors(found, broken)
    shown = build_form(model, typed, ZONE, placed)
    assert {one.path for one, _said in find_errors(shown)} >= set(found.problems)
    for one in _leaves(shown):
        if one.kind in (FieldKind.TEXT, FieldKind.AREA, FieldKind.NUMBER, FieldKind.DAY, FieldKind.INSTANT):
            assert one.value == junk.replace("\r\n", "\n")
            if one.input_type in ("date", "datetime-local") and junk:
                datetime.fromisoformat(junk)  # a browser would show nothing else in such a field


def _leaves(fields: tuple[FormField, ...]) -> list[FormField]:
    found: list[FormField] = []
    for one in fields:
        below = [*one.parts, *(part for entry in one.entries for part in entry)]
        found += _leaves(tuple(below)) if below else [one]
    return found


@pytest.mark.parametrize("model", [*MODELS, *ACTS_ON_A_CASE], ids=lambda model: model.__name__)
def test_no_label_and_no_hint_speaks_to_programs(model: type[Model]) -> None:
    fields = environment().get_template("parts/fields.html").module.field  # type: ignore[attr-defined]
    page = "".join(str(fields(one)) for one in build_form(model, {}, ZONE))
    words = re.sub(r"<[^>]*>", " ", page)
    for wrong in ("null", "YYYY", "umpire", "empty list", "with its offset", "_"):
        assert wrong not in words


def test_no_answer_is_ever_chosen_beforehand() -> None:
    for model in (*MODELS, *ACTS_ON_A_CASE):
        for one in _leaves(build_form(model, {}, ZONE)):
            assert not one.value
            assert one.path.endswith(".domain") or not any(choice.chosen for choice in one.choices)
            assert one.otherwise is None or not one.otherwise.chosen


def test_one_visit_more_and_one_less_keep_what_was_typed() -> None:
    typed = {"visits.0.place": ["Room 1"], "visits.1.place": ["Room 2"], "visits.count": ["2"]}
    more = change_entries(typed, "visits", None)
    assert more["visits.count"] == ["3"]
    less = change_entries(more, None, "visits.0")
    assert less == {"visits.0.place": ["Room 2"], "visits.count": ["2"]}


def test_an_hour_that_comes_twice_is_asked_about_and_not_guessed() -> None:
    model = FORMS[TaskKind.QIO_RECORDS]
    found = read_typed(model, {"sent_at": ["2026-11-01T01:30"]}, ZONE)
    assert "-04:00 for the first" in found.problems["sent_at"]
    said = re.findall(r"2026-11-01T01:30:00-0\d:00", found.problems["sent_at"])
    instants = [
        datetime.fromisoformat(str(read_typed(model, {"sent_at": [one]}, ZONE).values["sent_at"])) for one in said
    ]
    assert instants[1].astimezone(UTC) - instants[0].astimezone(UTC) == timedelta(hours=1)


def test_an_hour_that_the_clocks_skip_is_no_time() -> None:
    found = read_typed(FORMS[TaskKind.QIO_RECORDS], {"sent_at": ["2026-03-08T02:30"]}, ZONE)
    assert found.problems == {"sent_at": "The clocks skip this hour on that day."}


def test_an_error_about_a_whole_form_stands_at_the_field_that_it_names() -> None:
    model = FORMS[TaskKind.CALL_BACK]
    found = read_typed(model, {"reached": ["member"], "outcome": ["answered"]}, ZONE)
    placed, others = place_errors(found, [("form", "said: somebody was reached; write down what was said")])
    assert (placed, others) == ({"said": "Somebody was reached; write down what was said."}, [])


def test_every_domain_of_need_stands_on_the_page_and_one_without_an_answer_is_none() -> None:
    model = FORMS[TaskKind.NEEDS_ASSESSMENT]
    shown = _shown(model, {})
    domains = [said[0] for name, said in shown.items() if name.endswith(".domain")]
    assert domains == [one.value for one in AssessmentDomain]
    nobody_knew = shown | {"answers.2.needs": ["null"]}
    assert read_typed(model, nobody_knew, ZONE).values == {"answers": [{"domain": domains[2], "needs": None}]}
