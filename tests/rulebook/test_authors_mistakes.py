"""An author's slip is answered with the line, a caret under the place, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulebook.errors import RulebookErrors
from rulebook.guidelines import load_criteria
from rulebook.yamlfile import read_yaml

FACTS = """\
facts:
- {id: my.disease, type: bool, evidence: structured, label: "the patient has the disease", ask: "Disease?"}
"""
RULE = """\
guidelines:
- id: MY
  title: A service
  version: "1"
  precedence: plan
  effective_from: 2027-01-01
  auto_approve: false
  source: {doc: D, cite: C, verification: full_text, gap: none is written}
  applies_to: {service_group: [home_oxygen]}
  logic: {id: MY-1, text: The disease, fact: my.disease, op: is_true}
  tests:
  - {name: a, expect: met, facts: {my.disease: true}}
  - {name: b, expect: not_met, facts: {my.disease: false}}
  - {name: c, expect: unknown, facts: {}}
"""


def refusal(tmp_path: Path, text: str) -> str:
    (tmp_path / "facts.yaml").write_text(FACTS, encoding="utf-8")
    (tmp_path / "my.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RulebookErrors) as refused:
        load_criteria(tmp_path, {"home_oxygen", "pap_device"})
    return str(refused.value).replace(f"{tmp_path}/", "")


@pytest.mark.parametrize(
    ("was", "written", "says"),
    [
        (
            "text: The disease, fact",
            "text: The disease, or another, fact",
            "my.yaml:10: logic.or another: 'or another' stands after a comma and was read as a key of its own; expected quotes "
            'around a text with a comma in it: {text: "first part, second part"}',
        ),
        (
            "applies_to: {",
            "applies_to: {ages: 18-120, ",
            "my.yaml:9: applies_to.ages: got '18-120'; expected a list in brackets, such as [18, 120] or [medicare_advantage]",
        ),
        (
            "auto_approve: false",
            "auto_approve: maybe",
            "my.yaml:7: auto_approve: got 'maybe'; expected true or false, without quotes",
        ),
        (
            "auto_approve: false",
            "auto_approve: 'yes'",
            "my.yaml:7: auto_approve: got 'yes'; expected true or false, without quotes",
        ),
        (
            "{my.disease: true}",
            "{my.disease: 'yes'}",
            "my.yaml:12: tests[0].facts.my.disease: got 'yes'; expected true or false, without quotes",
        ),
        (
            "effective_from: 2027-01-01",
            "effective_from: 1/1/2027",
            "my.yaml:6: effective_from: got '1/1/2027'; expected a day written as 2027-01-31 (year, month, day)",
        ),
        (
            "[home_oxygen]",
            "[home_oxygn]",
            "my.yaml:9: applies_to.service_group[0]: no code belongs to a service group named home_oxygn; expected home_oxygen "
            "(did you mean that?), or codes for home_oxygn in your code map",
        ),
        (
            "fact: my.disease",
            "fact: my.diseas",
            "my.yaml:10: logic.fact: my.diseas is not in the fact dictionary; expected my.disease (did you mean that?)",
        ),
        (
            "title: A service",
            "title: A service: at home",
            'my.yaml:3: a text with a colon in it; expected quotes around the text: "first: second"\n'
            "      title: A service: at home\n"
            "                      ^",
        ),
        (
            "  title: A service",
            "   title: A service",
            "my.yaml:3: a key where no key can stand; expected the key as far to the right as its neighbors above, and text "
            "with a colon in quotes\n"
            "       title: A service\n"
            "            ^",
        ),
        (
            "  version:",
            " version:",
            "my.yaml:4: the line does not fit the ones above it: look at its indent; expected keys of one entry below each "
            "other, as far to the right as the first; quotes around text with : or # in it\n"
            '     version: "1"\n'
            "     ^",
        ),
        ("  title:", "\ttitle:", "my.yaml:3: the line begins with a tab; expected spaces, as many as the keys above it have"),
        ("[home_oxygen]}", "[home_oxygen}", "my.yaml:9: brackets that do not close here; expected a comma between entries"),
        ("title: A", "title: @A", "my.yaml:3: a text that does not end, or begins with a sign that means something; expected"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_what_to_write(tmp_path: Path, was: str, written: str, says: str) -> None:
    assert was in RULE
    assert says in refusal(tmp_path, RULE.replace(was, written, 1))


def test_the_rule_without_a_mistake_is_accepted_and_a_group_that_only_an_operator_maps_is_none(tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text(FACTS, encoding="utf-8")
    (tmp_path / "my.yaml").write_text(RULE.replace("home_oxygen", "knee_surgery"), encoding="utf-8")
    assert len(load_criteria(tmp_path, {"home_oxygen"}).guidelines) == 1


def test_a_mistake_that_is_not_known_keeps_the_parsers_words(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: &x [1]\nb: *y\n", encoding="utf-8")
    with pytest.raises(RulebookErrors, match="not YAML: found undefined alias"):
        read_yaml(tmp_path / "a.yaml")
