"""Which guideline governs: by codes, day, state, and whose rule comes first."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.criteria.evaluation import Guideline, GuidelineSelection, LineCodes, is_about_service, select_guidelines
from domain.vocabulary import CertificationType, Lob
from tests.domain.criteria.samples import guideline, leaf

DAY = date(2026, 3, 10)
CPAP = LineCodes(hcpcs=frozenset({"E0601"}))


def rule(rule_id: str, precedence: str = "lcd", states: tuple[str, ...] = (), **more: Any) -> Guideline:
    source = {"doc": rule_id, "cite": rule_id, "verification": "full_text", "states": states}
    about = {"id": rule_id, "precedence": precedence, "source": source, "applies_to": {"hcpcs": ["E0601"]}}
    return guideline(leaf("A", "t.yes", "is_true"), **{**about, **more})


def chosen(*rules: Guideline, codes: LineCodes = CPAP, state: str | None = "OH") -> GuidelineSelection:
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
    assert is_about_service(rule("A", applies_to=about), codes) is expected


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
    assert chosen(rule("A", applies_to={"hcpcs": ["E1390"]})) == GuidelineSelection((), ())


STAY = LineCodes(level_of_care="inpatient", icd10pcs=frozenset({"0SG00A0"}), lob=Lob.MEDICARE_ADVANTAGE)


def test_a_rule_about_the_stay_and_a_rule_about_the_operation_bind_together() -> None:
    stay = rule("STAY", "statute", applies_to={"level_of_care": ["inpatient"]})
    operation = rule("OPER", "lcd", applies_to={"icd10pcs_prefix": ["0SG0"]})
    assert [found.id for found in chosen(stay, operation, codes=STAY).governing] == ["OPER", "STAY"]


def test_an_item_used_during_a_stay_is_not_judged_by_the_rule_about_the_stay() -> None:
    stay = rule("STAY", "statute", applies_to={"level_of_care": ["inpatient"]})
    item = LineCodes(hcpcs=frozenset({"E0601"}), level_of_care="inpatient")
    assert chosen(stay, codes=item) == GuidelineSelection((), ())


def test_a_rule_that_binds_medicare_only_does_not_govern_elsewhere() -> None:
    medicare = rule("NAT", "ncd", applies_to={"hcpcs": ["E0601"], "lobs": ["medicare_advantage"]})
    own = rule("PLN", "plan")
    for lob, governing in ((Lob.MEDICARE_ADVANTAGE, "NAT"), (Lob.COMMERCIAL_ERISA, "PLN"), (None, "PLN")):
        codes = LineCodes(hcpcs=frozenset({"E0601"}), lob=lob)
        assert [found.id for found in chosen(medicare, own, codes=codes).governing] == [governing]
    unknown = chosen(medicare, codes=CPAP)
    assert unknown.set_aside[0].because == "binds medicare_advantage; the line of business is not known"
    assert not is_about_service(medicare, CPAP)


FIRST = rule("FIRST")
NEXT = rule("NEXT", applies_to={"hcpcs": ["E0601"], "certifications": ["renewal", "extension"]}, continues="FIRST")


@pytest.mark.parametrize("certification", list(CertificationType))
def test_a_rule_on_continuing_takes_over_for_renewals_and_for_nothing_else(certification: CertificationType) -> None:
    codes = LineCodes(hcpcs=frozenset({"E0601"}), certification=certification)
    goes_on = certification in (CertificationType.RENEWAL, CertificationType.EXTENSION)
    found = chosen(FIRST, NEXT, codes=codes)
    assert [governing.id for governing in found.governing] == (["NEXT"] if goes_on else ["FIRST"])
    because = "NEXT takes its place when the service is continued" if goes_on else "about renewal, extension only"
    assert [aside.because for aside in found.set_aside] == [because]


def test_a_rule_on_continuing_that_is_not_in_force_leaves_the_first_rule_in_place() -> None:
    later = NEXT.model_copy(update={"effective_from": date(2027, 1, 1)})
    codes = LineCodes(hcpcs=frozenset({"E0601"}), certification=CertificationType.RENEWAL)
    assert [found.id for found in chosen(FIRST, later, codes=codes).governing] == ["FIRST"]


def test_what_a_rule_requires_binds_with_it_even_when_it_names_another_code_or_is_weaker() -> None:
    base = rule("BASE", "plan", applies_to={"hcpcs": ["E1390"]})
    addition = rule("ADDED", requires=("BASE",))
    assert [found.id for found in chosen(addition, base).governing] == ["ADDED", "BASE"]


def test_a_rule_whose_required_rule_is_not_in_force_governs_nothing() -> None:
    base = rule("BASE", applies_to={"hcpcs": ["E1390"]}, states=("GA",))
    middle = rule("MID", applies_to={"hcpcs": ["E1391"]}, requires=("BASE",))
    found = chosen(rule("ADDED", requires=("MID",)), middle, base)
    assert found.governing == ()
    assert found.set_aside[0].because == "requires BASE, which is not in force here on that day"


def test_a_weaker_rule_says_why_no_stronger_one_governs() -> None:
    own = rule("PLN", "plan")
    own = own.model_copy(
        update={"source": own.source.model_copy(update={"gap": "the local rule is silent on children"})}
    )
    ((name, why),) = chosen(rule("LOC", states=("GA",)), own).reasons
    assert name == "PLN"
    assert why == (
        "no national determination and no statute or regulation and no local determination of the area in this rulebook "
        "governs this service (LOC: local to GA); the local rule is silent on children"
    )
    assert chosen(rule("NAT", "ncd")).reasons == ()


ANY_RULES = st.lists(
    st.tuples(
        st.sampled_from(("ncd", "statute", "lcd", "plan")),
        st.sampled_from(((), ("OH",), ("GA",))),
        st.sampled_from(((), ("renewal",))),
        st.sampled_from(((), ("medicare_advantage",))),
        st.booleans(),
    ),
    max_size=6,
)


@settings(derandomize=True, max_examples=150, deadline=None, database=None)
@given(ANY_RULES, st.sampled_from(("OH", "GA", None)), st.booleans(), st.sampled_from((None, Lob.MEDICARE_ADVANTAGE)))
def test_selection_agrees_with_a_second_plain_reading(
    drawn: list[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], bool]],
    state: str | None,
    renewal: bool,
    lob: Lob | None,
) -> None:
    rules = [
        rule(
            f"R{number}",
            kind,
            states=states,
            applies_to={"hcpcs": ["E0601"], "certifications": kinds, "lobs": lobs},
            effective_from="2026-03-11" if future else "2020-01-01",
        )
        for number, (kind, states, kinds, lobs, future) in enumerate(drawn)
    ]
    certification = CertificationType.RENEWAL if renewal else CertificationType.INITIAL
    codes = LineCodes(hcpcs=frozenset({"E0601"}), certification=certification, lob=lob)
    bound = {
        f"R{number}": ("ncd", "statute", "lcd", "plan").index(kind)
        for number, (kind, states, kinds, lobs, future) in enumerate(drawn)
        if not future and (not states or state in states) and (not kinds or renewal) and (not lobs or lob)
    }
    found = chosen(*rules, codes=codes, state=state)
    assert [each.id for each in found.governing] == sorted(name for name in bound if bound[name] == min(bound.values()))
    assert len(found.governing) + len(found.set_aside) == len(rules)
    assert {name for name, _ in found.reasons} == {each.id for each in found.governing if bound[each.id] > 0}
