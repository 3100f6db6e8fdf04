"""Code map: the codes of the service groups that guidelines and requests name.

The shipped map holds public codes only. An operator names its own file, which may hold licensed CPT codes, in the
environment variable UMPIRE_CODE_MAP; its groups are added to the shipped ones. Each error names file, line and key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from domain.criteria.selection import LineCodes
from domain.criteria.soundness import code_issues
from domain.model import Model
from domain.requests.request import ServiceLine
from domain.vocabulary import CodeSystem
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.yamlfile import RULEBOOK_ROOT, LocatedYaml, model_items, read_yaml, to_model

SHIPPED_MAP = RULEBOOK_ROOT / "code_map.yaml"
OPERATOR_MAP_VARIABLE = "UMPIRE_CODE_MAP"

_SHAPES = {
    "hcpcs": (re.compile(r"[A-CE-V][0-9]{4}"), "a HCPCS Level II code"),
    "icd10pcs": (re.compile(r"[0-9A-HJ-NP-Z]{7}"), "an ICD-10-PCS code"),
    "icd10pcs_prefix": (re.compile(r"[0-9A-HJ-NP-Z]{2,6}"), "2 to 6 characters of ICD-10-PCS"),
    "cpt": (re.compile(r"[0-9]{4}[0-9A-Z]"), "a CPT code of five characters"),
}


class ServiceGroup(Model):
    """The codes of one service group. `cpt` is only for an operator's own file.

    A group `for_operators` has no public codes: it is there to be filled by an operator's own map.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    hcpcs: tuple[str, ...] = ()
    icd10pcs: tuple[str, ...] = ()
    icd10pcs_prefix: tuple[str, ...] = ()
    cpt: tuple[str, ...] = ()
    for_operators: bool = False

    @model_validator(mode="after")
    def _has_codes(self) -> Self:
        if not (self.hcpcs or self.icd10pcs or self.icd10pcs_prefix or self.cpt or self.for_operators):
            raise ValueError("the group has no codes; give hcpcs, icd10pcs, icd10pcs_prefix or (in your own file) cpt")
        return self

    def holds(self, code: str) -> bool:
        whole = code in self.hcpcs or code in self.icd10pcs or code in self.cpt
        return whole or (len(code) == 7 and code.startswith(self.icd10pcs_prefix))


@dataclass(frozen=True)
class CodeMap:
    """All service groups; a group may come in several parts, shipped and the operator's."""

    groups: tuple[ServiceGroup, ...]

    def groups_of(self, code: str) -> frozenset[str]:
        """The ids of the service groups that contain a code; empty when none does."""
        by_prefix = (one.id for one in self.groups if len(code) == 7 and code.startswith(one.icd10pcs_prefix))
        return self._by_whole_code.get(code, frozenset()).union(by_prefix)

    @cached_property
    def _by_whole_code(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for group in self.groups:
            for code in (*group.hcpcs, *group.icd10pcs, *group.cpt):
                found.setdefault(code, set()).add(group.id)
        return {code: frozenset(ids) for code, ids in found.items()}

    def line_codes(self, line: ServiceLine) -> LineCodes:
        """The codes by which guidelines are selected: the line's code, and its service groups by the map.

        A group stated by the sender does not count: it would let a request choose its own rules.
        """
        codes = frozenset({line.code})
        return LineCodes(
            hcpcs=codes if line.code_system is CodeSystem.HCPCS else frozenset(),
            icd10pcs=codes if line.code_system is CodeSystem.ICD10PCS else frozenset(),
            service_groups=self.groups_of(line.code),
            level_of_care=line.level_of_care,
            certification=line.certification,
            modifiers=frozenset(line.modifiers),
            place_of_service=line.place_of_service,
        )


def load_code_map(environ: Mapping[str, str], shipped: Path = SHIPPED_MAP) -> CodeMap:
    """Load the rulebook's map, with the operator's added when UMPIRE_CODE_MAP names one. Raises RulebookErrors."""
    groups = read_code_map(shipped, may_hold_cpt=False)
    own = environ.get(OPERATOR_MAP_VARIABLE, "").strip()
    return CodeMap((*groups, *read_code_map(Path(own), may_hold_cpt=True)) if own else groups)


def read_code_map(path: Path, *, may_hold_cpt: bool) -> tuple[ServiceGroup, ...]:
    """Read the service groups of one file. Raises RulebookErrors with every error."""
    groups: dict[str, ServiceGroup] = {}
    errors: list[RulebookError] = []
    for item in model_items(read_yaml(path), "service_groups"):
        try:
            group = to_model(item, ServiceGroup)
        except RulebookErrors as refused:
            errors.extend(refused.errors)
            continue
        errors.extend(_group_errors(item, group, may_hold_cpt))
        if groups.setdefault(group.id, group) is not group:
            errors.append(item.error(("id",), f"the group {group.id} is there twice", "each group once in a file"))
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(groups.values())


def _group_errors(item: LocatedYaml, group: ServiceGroup, may_hold_cpt: bool) -> Iterator[RulebookError]:
    if group.cpt and not may_hold_cpt:
        yield item.error(
            ("cpt",), "CPT codes are licensed and not shipped", f"your own file in {OPERATOR_MAP_VARIABLE}"
        )
    for key, (shape, expected) in _SHAPES.items():
        codes: Iterable[str] = getattr(group, key)
        for fault in code_issues((key,), codes, shape, expected):
            yield item.error(fault.path, fault.problem, fault.expected)
