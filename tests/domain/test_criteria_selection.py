"""Which guideline governs: by codes, day, state, and whose rule comes first."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from criteria_samples import guideline, leaf

from domain.criteria import Guideline, LineCodes, Selection, applies, select_guidelines

DAY = date(2026, 3, 10)
CPAP = LineCodes(hcpcs=frozenset({"E0601"}))


def rule(rule_id: str, precedence: str = "lcd", states: tuple[str, ...] = (), **more: Any) -> Guideline:
    source = {"doc": rule_id, "cite": rule_id, "verification": "full_text", "states": states}
    about = {"id": rule_id, "precedence": precedence, "source": source, "applies_to": {"hcpcs": ["E0601"]}}
    return guideline(leaf("A", "t.yes", "is_true"), **{**about, **more})


def chosen(*rules: Guideline, codes: LineCodes = CPAP, state: str | None = "OH") -> Selection:
    return select_guidelines(rules, codes, DAY, state)


@pytest.mark.parametrize(
    ("about", "codes", "expected"),
    [
        ({"hcpcs": ["E0601"]}, CPAP, True),
        ({"hcpcs": ["E0470"]}, CPAP, False),
        ({"icd10pcs": ["0SG00ZZ"]}, LineCodes(icd10pcs=frozenset({"0SG00ZZ"})), True),
        ({"icd10pcs_prefix": ["0SG0", "0SG1"]}, LineCodes(icd10pcs=frozenset({"0SG1071"})), True),
        ({"icd10pcs_prefix": ["0SG0"]}, LineCodes(icd10pcs=frozenset({"0SG3071"})), False),
        ({"icd10pcs_prefix": ["0SG0"]}, LineCodes(hcpcs=frozenset({"0SG0000"})), False),
        ({"service_group": ["lumbar_fusion"]}, LineCodes(service_groups=frozenset({"lumbar_fusion"})), True),
        ({"hcpcs": ["E0601"]}, LineCodes(), False),
    ],
)
def test_a_guideline_applies_when_one_list_matches(about: dict[str, Any], codes: LineCodes, expected: bool) -> None:
    assert applies(rule("A", applies_to=about), codes) is expected


def test_national_rules_come_first_then_statute_then_local_then_the_plans_own() -> None:
    rules = [rule("PLN", "plan"), rule("LOC", "lcd"), rule("REG", "statute"), rule("NAT", "ncd")]
    for strongest in ("NAT", "REG", "LOC", "PLN"):
        found = chosen(*rules)
        assert [governing.id for governing in found.governing] == [strongest]
        assert all(strongest in aside.because for aside in found.set_aside)
        rules.pop()


def test_all_rules_of_the_strongest_kind_bind() -> None:
    assert [found.id for found in chosen(rule("B"), rule("A"), rule("C", "plan")).governing] == ["A", "B"]


def test_a_local_rule_governs_only_in_its_states() -> None:
    local = rule("LOC", states=("GA", "TN"))
    assert chosen(local, state="GA").governing == (local,)
    assert chosen(local, state="OH").governing == ()
    unknown = chosen(local, state=None)
    assert unknown.governing == ()
    assert "the state is not known" in unknown.set_aside[0].because


def test_a_local_rule_of_elsewhere_does_not_displace_the_plans_own() -> None:
    found = chosen(rule("LOC", states=("GA",)), rule("PLN", "plan"))
    assert [governing.id for governing in found.governing] == ["PLN"]


def test_the_version_in_force_on_the_day_of_service_governs() -> None:
    old = rule("A", version="1", effective_from="2020-01-01", effective_to="2026-03-09")
    new = rule("A", version="2", effective_from="2026-03-10")
    assert chosen(old, new).governing == (new,)
    assert [aside.because for aside in chosen(old, new).set_aside] == ["in force until 2026-03-09"]
    assert select_guidelines((old, new), CPAP, date(2026, 3, 9), "OH").governing == (old,)


def test_a_rule_about_another_service_is_not_even_set_aside() -> None:
    assert chosen(rule("A", applies_to={"hcpcs": ["E1390"]})) == Selection((), ())
