"""Service groups: public codes are shipped, licensed ones come from the operator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.criteria.evaluation import select_guidelines
from domain.requests.request import ServiceLine
from domain.vocabulary import CodeSystem, Lob
from rulebook.code_map import SHIPPED_MAP, load_code_map, read_code_map
from rulebook.guidelines import load_criteria
from rulebook.yamlfile import RulebookErrors

OWN = """\
service_groups:
- id: lumbar_fusion
  title: Fusion of the lumbar spine, our codes
  cpt: ["99999"]
"""


def own_map(tmp_path: Path, text: str = OWN) -> dict[str, str]:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return {"UMPIRE_CODE_MAP": str(path)}


def line(code: str, system: CodeSystem, group: str | None = None) -> ServiceLine:
    return ServiceLine(line_id="1", code=code, code_system=system, service_group=group)


def refusals(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(RulebookErrors) as refused:
        load_code_map(own_map(tmp_path, text))
    return [str(error).removeprefix(f"{tmp_path}/") for error in refused.value.errors]


def test_the_shipped_map_holds_public_codes_only() -> None:
    shipped = load_code_map({})
    assert all(group.cpt == () for group in shipped.groups)
    assert shipped.groups_of("0SG10A0") == {"lumbar_fusion"}
    assert shipped.groups_of("E0601") == {"pap_device"}
    assert shipped.groups_of("0SG1") == shipped.groups_of("A0000") == frozenset()


def test_an_operators_map_is_added_to_the_shipped_one(tmp_path: Path) -> None:
    both = load_code_map(own_map(tmp_path))
    assert both.groups_of("99999") == {"lumbar_fusion"}
    assert both.groups_of("0SG10A0") == {"lumbar_fusion"}


def test_a_request_with_an_operators_code_finds_its_guideline(tmp_path: Path) -> None:
    codes = replace(
        load_code_map(own_map(tmp_path)).line_codes(line("99999", CodeSystem.OTHER)), lob=Lob.MEDICARE_ADVANTAGE
    )
    criteria = load_criteria()
    day = criteria.guideline("FUS", "18.3").effective_from
    assert [found.id for found in select_guidelines(criteria.guidelines, codes, day, "TN").governing] == ["FUS"]
    assert select_guidelines(criteria.guidelines, codes, day, "OH").governing == ()


def test_a_line_brings_its_code_under_its_system() -> None:
    shipped = load_code_map({})
    assert shipped.line_codes(line("E0601", CodeSystem.HCPCS)).hcpcs == {"E0601"}
    assert shipped.line_codes(line("0SG10A0", CodeSystem.ICD10PCS)).icd10pcs == {"0SG10A0"}


def test_a_sender_cannot_choose_the_rules_by_naming_a_service_group() -> None:
    codes = load_code_map({}).line_codes(line("E1390", CodeSystem.HCPCS, "pap_device"))
    assert codes.service_groups == {"home_oxygen"}
    assert load_code_map({}).line_codes(line("X", CodeSystem.OTHER, "lumbar_fusion")).service_groups == frozenset()


def test_a_shipped_file_with_cpt_codes_is_refused(tmp_path: Path) -> None:
    path = Path(own_map(tmp_path)["UMPIRE_CODE_MAP"])
    with pytest.raises(RulebookErrors, match=r"map.yaml:4: cpt: CPT codes are licensed and not shipped"):
        read_code_map(path, may_hold_cpt=False)
    assert read_code_map(SHIPPED_MAP, may_hold_cpt=False)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (('["99999"]', '["9999"]'), "map.yaml:4: cpt[0]: got '9999'; expected a CPT code of five characters"),
        (("cpt:", "hcpcs:"), "map.yaml:4: hcpcs[0]: 99999 has the shape of a CPT code, which is licensed"),
        (("cpt:", "cpts:"), "map.yaml:4: cpts: unknown key; expected cpt (did you mean that?)"),
        (("id: lumbar_fusion", "id: Lumbar"), "map.yaml:2: id: got 'Lumbar'"),
        (('  cpt: ["99999"]\n', ""), "map.yaml:2: the group has no codes"),
    ],
)
def test_each_mistake_in_an_operators_map_is_refused_with_its_place(
    tmp_path: Path, change: tuple[str, str], refusal: str
) -> None:
    found = refusals(tmp_path, OWN.replace(*change))
    assert any(text.startswith(refusal) for text in found), found


def test_a_map_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RulebookErrors, match="the file does not exist"):
        load_code_map({"UMPIRE_CODE_MAP": "/nowhere/map.yaml"})
