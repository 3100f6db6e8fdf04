"""Gaps between the tables of a rulebook: rules that could never be used, or be used for nobody in particular.

A guideline that no requirement leads to, a requirement that no guideline answers, a service group without codes and a
guideline that does not say whom it is for are no mistakes of one file, so each file loads. They are found here, together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from itertools import chain

from domain.coverage.directory import NetworkStatus
from domain.coverage.requirements import (
    AuthorizationNeed,
    LineInContext,
    RequirementRule,
    names_code,
    rule_matches,
)
from domain.criteria.model import Guideline
from domain.criteria.required_sets import RequiredSet, may_judge
from domain.requests.request import ServiceLine
from domain.vocabulary import CodeSystem, Lob, ServiceKind
from rulebook.code_map import CodeMap
from rulebook.pharmacy.rules import DrugRules
from rulebook.review_rules import ReviewRules

_LENGTH_OF_ICD10PCS = 7
_SOME_DAY = date(2026, 1, 1)


def find_coverage_gaps(
    guidelines: tuple[Guideline, ...], review: ReviewRules, code_map: CodeMap, drugs: DrugRules | None = None
) -> tuple[str, ...]:
    """Find every gap, in words that name the rule, what is missing and the way out."""
    return (
        *_unstated_audiences(guidelines),
        *_unbounded_approvals(guidelines),
        *_unmapped_groups(guidelines, review, code_map, drugs or DrugRules()),
        *_guidelines_without_requirement(guidelines, review.requirements, code_map),
        *_requirements_without_guideline(guidelines, review.requirements),
        *_guidelines_of_another_set(guidelines, review.required_sets, code_map),
    )


def _unstated_audiences(guidelines: Iterable[Guideline]) -> Iterator[str]:
    for found in guidelines:
        for key in found.applies_to.audience_gaps:
            yield f"{found.id}: applies_to.{key} does not say whom it is for, so it approves nothing by rule; give {key}"
        if found.source.confidence is None:
            yield f"{found.id}: source.confidence is missing, so it approves nothing by rule; give confirmed, known or unsure"


def _unbounded_approvals(guidelines: Iterable[Guideline]) -> Iterator[str]:
    """Guidelines that approve any length of time by rule. One that requires another shares its bound; days of a stay are
    certified by the review of the stay."""
    for found in guidelines:
        bounded = any(bound.branch is None for bound in found.certifies)
        if found.why_not_by_rule is None and not (bounded or found.requires or found.applies_to.level_of_care):
            yield (
                f"{found.id}: approves by rule for any length of time; give the longest, such as "
                "certifies: [{days: 366, because: the need is looked at anew every year}]"
            )


def _unmapped_groups(
    guidelines: Iterable[Guideline], review: ReviewRules, code_map: CodeMap, drugs: DrugRules
) -> Iterator[str]:
    known = {group.id for group in code_map.groups}
    of_drugs = ((rule, selected.service_groups) for rule, selected in drugs.selectors())
    for rule, groups in chain(_used_groups(guidelines, review), of_drugs):
        for group in groups:
            if group not in known:
                close = get_close_matches(group, known, n=1)
                hint = f"did you mean {close[0]}?" if close else "add it to code_map.yaml, or to your own map"
                yield f"{rule}: no code is in the service group {group}, so it matches nothing; {hint}"


def _used_groups(guidelines: Iterable[Guideline], review: ReviewRules) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from ((found.id, found.applies_to.service_group) for found in guidelines)
    yield from ((rule.rule_id, rule.service_groups) for rule in review.requirements)
    yield from ((f"specialties ({rule.because})", rule.service_groups) for rule in review.specialties)
    for step in review.steps:
        yield step.rule_id, step.drug.service_groups
        yield from ((step.rule_id, before.drug.service_groups) for before in step.steps)
    yield from ((limit.rule_id, limit.drug.service_groups) for limit in review.quantities)
    yield from ((rule.rule_id, rule.service_groups) for rule in review.required_sets)
    yield from ((ban.ban_id, ban.service_groups) for ban in review.authorization_bans)
    if review.parity is not None:
        yield "review/parity.yaml", (*review.parity.behavioral.service_groups, *review.parity.inpatient.service_groups)


def _guidelines_without_requirement(
    guidelines: Iterable[Guideline], rules: tuple[RequirementRule, ...], code_map: CodeMap
) -> Iterator[str]:
    for found in guidelines:
        for lob in found.applies_to.lobs:
            without = [
                name for name, line, groups in _lines(found, code_map) if not _is_listed(rules, lob, line, groups)
            ]
            if without:
                yield (
                    f"{found.id}: no requirement names {', '.join(without)} under {lob.value}, so the need for authorization "
                    "is not known; add them to review/requirements.yaml"
                )


def _lines(guideline: Guideline, code_map: CodeMap) -> Iterator[tuple[str, ServiceLine, frozenset[str]]]:
    """A line for each thing that the guideline is about, with its name and service groups."""
    about = guideline.applies_to
    without_codes = {group.id for group in code_map.groups if group.for_operators}
    whole = (beginning.ljust(_LENGTH_OF_ICD10PCS, "Z") for beginning in about.icd10pcs_prefix)
    for code in (*about.hcpcs, *about.icd10pcs, *whole):
        system = CodeSystem.HCPCS if code in about.hcpcs else CodeSystem.ICD10PCS
        yield code, ServiceLine(line_id="1", code=code, code_system=system), code_map.groups_of(code)
    for level in about.level_of_care:
        yield (
            level,
            ServiceLine(line_id="1", code=level, code_system=CodeSystem.OTHER, level_of_care=level),
            frozenset(),
        )
    if not about.level_of_care:
        for group in without_codes.intersection(about.service_group):
            line = ServiceLine(line_id="1", code=f"of {group}", code_system=CodeSystem.OTHER)
            yield group, line, frozenset({group})


def _is_listed(rules: tuple[RequirementRule, ...], lob: Lob, line: ServiceLine, groups: frozenset[str]) -> bool:
    """Whether a rule decides the line for somebody: at some network, on some day, as some kind of service."""
    for rule in rules:
        day = rule.first_day or rule.last_day or _SOME_DAY
        for kind in (rule.service_kinds or (ServiceKind.MEDICAL,))[:1]:
            asked = LineInContext(
                lob=lob,
                service_kind=kind,
                line=line.model_copy(
                    update={"start": day, "place_of_service": next(iter(rule.places_of_service), None)}
                ),
                service_groups=groups,
                network=rule.network or NetworkStatus.IN_NETWORK,
                plan_id=next(iter(rule.plan_ids), None),
                state=next(iter(rule.states), None),
            )
            if _names_something(rule, line.code) and rule_matches(rule, asked):
                return True
    return False


def _names_something(rule: RequirementRule, code: str) -> bool:
    """Whether the rule is about this code at all; a rule about a kind of drugs is about the codes of drugs (J and Q)."""
    listed = rule.codes or rule.service_groups or rule.levels_of_care
    return bool(listed) or (bool(rule.service_kinds) and code[:1] in ("J", "Q"))


def _requirements_without_guideline(
    guidelines: tuple[Guideline, ...], rules: Iterable[RequirementRule]
) -> Iterator[str]:
    for rule in rules:
        listed = rule.codes or rule.service_groups or rule.levels_of_care
        if rule.need is not AuthorizationNeed.REQUIRED or not listed or rule.judged_without_criteria:
            continue
        if not any(_answers(found, rule) for found in guidelines):
            yield (
                f"{rule.rule_id}: no guideline is about anything it lists, so a person judges every request without criteria; "
                "add a guideline, or say why under judged_without_criteria"
            )


def _answers(guideline: Guideline, rule: RequirementRule) -> bool:
    about = guideline.applies_to
    if rule.lobs and about.lobs and not set(rule.lobs) & set(about.lobs):
        return False
    by_code = any(names_code(rule.codes, code) for code in (*about.hcpcs, *about.icd10pcs, *about.icd10pcs_prefix))
    by_group = not set(rule.service_groups).isdisjoint(about.service_group)
    return by_code or by_group or not set(rule.levels_of_care).isdisjoint(about.level_of_care)


def _guidelines_of_another_set(
    guidelines: Iterable[Guideline], rules: Iterable[RequiredSet], code_map: CodeMap
) -> Iterator[str]:
    for found in guidelines:
        for rule in rules:
            states = set(rule.states) - set(found.source.except_states)
            if found.source.states:
                states &= set(found.source.states)
            if states and not may_judge(found, (rule,)) and _share_a_line(found, rule, code_map):
                where, sets = ", ".join(sorted(states)), " or ".join(rule.set_ids)
                yield (
                    f"{found.id}: in {where} {sets} has to be used for what it is about ({rule.rule_id}, {rule.cite}), so it "
                    "judges nothing there; name the States under source.except_states, or its set under source.criteria_set"
                )


def _share_a_line(guideline: Guideline, rule: RequiredSet, code_map: CodeMap) -> bool:
    """Whether a line could be judged by the guideline and bound by the rule."""
    about = guideline.applies_to
    codes = {*about.hcpcs, *about.icd10pcs}
    groups = {*about.service_group, *(group for code in codes for group in code_map.groups_of(code))}
    named = (
        groups & set(rule.service_groups)
        or codes & set(rule.codes)
        or set(about.level_of_care) & set(rule.levels_of_care)
    )
    ages = about.ages or (0, 120)
    same_age = rule.ages is None or (ages[0] <= rule.ages[1] and rule.ages[0] <= ages[1])
    same_lob = not about.lobs or not set(about.lobs).isdisjoint(rule.lobs)
    begins = rule.last_day is None or guideline.effective_from <= rule.last_day
    lasts = guideline.effective_to is None or rule.first_day <= guideline.effective_to
    return bool(named) and same_age and same_lob and begins and lasts
