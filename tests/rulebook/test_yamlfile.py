from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from rulebook.yamlfile import RULEBOOK_ROOT, RulebookErrors, load_models, read_yaml, shown_path


class Unit(StrEnum):
    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Length(Strict):
    value: int
    unit: Unit


class Rule(Strict):
    id: str
    length: Length
    since: date | None = None
    cites: tuple[str, ...] = Field(default=(), max_length=2)

    @field_validator("id")
    @classmethod
    def no_blank(cls, value: str) -> str:
        if " " in value:
            raise ValueError("an id has no spaces")
        return value


@pytest.fixture
def write(tmp_path: Path):
    def save(text: str) -> Path:
        path = tmp_path / "rules.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return save


def refusals(path: Path) -> list[str]:
    with pytest.raises(RulebookErrors) as refused:
        load_models(path, "rules", Rule)
    return [str(error).removeprefix(f"{path}:") for error in refused.value.errors]


def test_a_good_file_becomes_models(write):
    path = write("rules:\n- id: A\n  since: 2026-01-01\n  length: {value: 3, unit: hours}\n  cites: [one, two]\n")
    (rule,) = load_models(path, "rules", Rule)
    expected = Rule(id="A", since=date(2026, 1, 1), length=Length(value=3, unit=Unit.HOURS), cites=("one", "two"))
    assert rule == expected


def test_a_wrong_word_is_refused_with_file_line_key_and_choices(write):
    path = write("rules:\n- id: A\n  length:\n    value: 3\n    unit: day\n")
    assert refusals(path) == ["5: length.unit: got 'day'; expected one of hours, calendar_days"]


def test_all_refusals_of_all_items_come_at_once(write):
    path = write(
        "rules:\n- id: A B\n  lenght: {value: 3, unit: hours}\n- id: B\n  length: {value: x, unit: hours, zone: UTC}\n"
    )
    assert refusals(path) == [
        "2: id: an id has no spaces",
        "2: length: is missing; expected a value",
        "3: lenght: unknown key; expected length (did you mean that?)",
        "5: length.value: got 'x'; expected a valid integer",
        "5: length.zone: unknown key; expected one of unit, value",
    ]


def test_a_key_written_twice_is_refused(write):
    path = write("rules:\n- id: A\n  id: B\n  length: {value: 1, unit: hours}\n")
    assert refusals(path) == ["3: rules[0].id: the key is written twice (first on line 2); expected each key once"]


def test_an_unknown_top_level_key_is_refused(write):
    assert refusals(write("rules: []\nrulez: []\n")) == ["2: rulez: unknown key; expected one of rules"]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "1: the file is empty; expected a mapping"),
        ("- a\n", "1: the file is not a mapping; expected the top-level key rules"),
        ("other: 1\n", "1: other: unknown key; expected one of rules"),
        ("rules: 3\n", "1: rules: got 3; expected a list"),
        ("rules:\n- !!python/name:os.system\n", "2: rules[0]: the tag python/name:os.system; expected plain data"),
        ("rules: &a [*a]\n", "1: rules[0]: an alias that contains itself; expected plain data"),
        ("rules:\n- {<<: {id: A}}\n", "2: rules[0].<<: a merge key; expected the keys written out"),
        ("rules: [\n", "2: not YAML"),
        ("rules: []\n---\nrules: []\n", "2: not YAML"),
        ("\trules: []\n", "1: the line begins with a tab"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_by_place(write, text: str, refusal: str):
    assert refusals(write(text))[0].startswith(refusal)


@pytest.mark.many
def test_nested_aliases_that_stand_for_billions_of_values_are_refused(write):
    levels = "".join(f"- &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
    assert "more than 500000 values" in refusals(write(f"rules:\n- &l0 [x, x]\n{levels}"))[0]


def test_words_that_yaml_1_1_would_twist_stay_text(write):
    located = read_yaml(write("a: no\nb: on\nc: 12:30\nd: 0123\ne: 2026-01-01\nf: 1e3\non: yes\n"))
    assert located.data == {"a": "no", "b": "on", "c": "12:30", "d": "0123", "e": "2026-01-01", "f": "1e3", "on": "yes"}


def test_numbers_booleans_and_null_are_read(write):
    located = read_yaml(write("a: 7\nb: -2.5\nc: true\nd: null\ne:\nf: '7'\n"))
    assert located.data == {"a": 7, "b": -2.5, "c": True, "d": None, "e": None, "f": "7"}


def test_lines_are_known_for_every_key_and_for_parts(write):
    located = read_yaml(write("a:\n  b:\n  - x\n  - y\nc: 1\n"))
    assert (located.line(("a", "b", 1)), located.line(("c",)), located.line(("a", "zz"))) == (4, 5, 1)
    assert located.at("a", "b").line((1,)) == 4


def test_a_missing_file_and_wrong_bytes_are_refused_plainly(tmp_path: Path):
    assert "does not exist" in refusals(tmp_path / "none.yaml")[0]
    (tmp_path / "bytes.yaml").write_bytes(b"a: \xff\n")
    assert "not UTF-8" in refusals(tmp_path / "bytes.yaml")[0]


def test_files_of_the_rulebook_are_named_from_the_rulebook():
    assert shown_path(RULEBOOK_ROOT / "clocks" / "ma.yaml") == "clocks/ma.yaml"
