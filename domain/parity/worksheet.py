"""Parity worksheet: what needs authorization and why, mental health and substance use beside medical and surgical benefits.

By classification (45 CFR 146.136(c)(2)(ii)(A)), from the plan's own list of requirements, the laws that forbid authorization
and the guidelines. The worksheet compares what is written; whether a difference is justified by comparable processes and
standards (45 CFR 146.136(c)(4)) is for people to show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from domain.coverage.directory import NetworkStatus
from domain.coverage.requirements import AuthorizationBan, AuthorizationNeed, RequirementRule
from domain.criteria.model import Guideline
from domain.model import Model
from domain.parity.policy import ParityPolicy
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import Lob, ServiceKind

_EMERGENCY_ROOM = "23"
_MOST_CODES = 4


class Classification(StrEnum):
    """The six classifications of benefits within which parity is compared."""

    INPATIENT_IN_NETWORK = "inpatient, in network"
    INPATIENT_OUT_OF_NETWORK = "inpatient, out of network"
    OUTPATIENT_IN_NETWORK = "outpatient, in network"
    OUTPATIENT_OUT_OF_NETWORK = "outpatient, out of network"
    EMERGENCY = "emergency care"
    PRESCRIPTION_DRUGS = "prescription drugs"


class BenefitSide(StrEnum):
    BEHAVIORAL = "behavioral"
    MEDICAL = "medical_surgical"


class ParityEntry(Model):
    """One benefit in one classification, and its need for authorization: required, not_required, or forbidden by law.

    `guidelines` are those that judge it, each with whether a met result may be approved by rule; empty: people judge alone.
    """

    classification: Classification
    side: BenefitSide
    what: str
    need: str
    because: str
    cite: str
    rule_id: str
    guidelines: dict[str, bool]


class ParityWorksheet(Model):
    """The worksheet of one line of business. `law` is None where the parity law does not bind it."""

    lob: Lob
    law: str | None
    entries: tuple[ParityEntry, ...]
    to_look_at: tuple[str, ...]

    def of(self, classification: Classification, side: BenefitSide) -> tuple[ParityEntry, ...]:
        return tuple(one for one in self.entries if (one.classification, one.side) == (classification, side))


def write_worksheet(
    policy: ParityPolicy,
    rules: Iterable[RequirementRule],
    bans: Iterable[AuthorizationBan],
    guidelines: Iterable[Guideline],
    titles: Mapping[str, str],
    lob: Lob,
) -> ParityWorksheet:
    """The worksheet of a line of business, entries in the order of classifications, sides and the plan's list.

    `titles` are those of the service groups by id; a group without one is shown by its id in words.
    """
    judges = tuple(found for found in guidelines if lob in found.applies_to.lobs)
    entries = [one for ban in bans if lob in ban.lobs for one in _forbidden(policy, ban, judges, titles)]
    for rule in rules:
        if not rule.lobs or lob in rule.lobs:
            entries.extend(_listed(policy, rule, judges, titles))
    order = list(Classification)
    entries.sort(key=lambda one: (order.index(one.classification), one.side.value))
    law = next((found.cite for found in policy.applies if found.lob is lob), None)
    sheet = ParityWorksheet(lob=lob, law=law, entries=tuple(entries), to_look_at=())
    return sheet.model_copy(update={"to_look_at": tuple(_differences(sheet))})


def _listed(
    policy: ParityPolicy, rule: RequirementRule, judges: tuple[Guideline, ...], titles: Mapping[str, str]
) -> Iterator[ParityEntry]:
    for name in (*rule.service_groups, *rule.levels_of_care) or ("",):
        open_to_both = not (name or rule.codes or rule.service_kinds == (ServiceKind.BEHAVIORAL,))
        sides = list(BenefitSide) if open_to_both else [_side(policy, name, rule.service_kinds)]
        for side in sides:
            for classification in _classifications(policy, rule, name):
                yield ParityEntry(
                    classification=classification,
                    side=side,
                    what=_title(name, rule, titles),
                    need=rule.need.value,
                    because=rule.because,
                    cite=rule.cite,
                    rule_id=rule.rule_id,
                    guidelines=_judging(judges, name, rule.codes),
                )


def _forbidden(
    policy: ParityPolicy, ban: AuthorizationBan, judges: tuple[Guideline, ...], titles: Mapping[str, str]
) -> Iterator[ParityEntry]:
    for name in ban.service_groups:
        for classification in _by_network(policy.inpatient.holds(name), None):
            yield ParityEntry(
                classification=classification,
                side=_side(policy, name, ()),
                what=f"{_group_title(name, titles)} ({', '.join(ban.states)})",
                need="forbidden",
                because=ban.because,
                cite=ban.cite,
                rule_id=ban.ban_id,
                guidelines=_judging(judges, name, ()),
            )


def _side(policy: ParityPolicy, name: str, kinds: tuple[ServiceKind, ...]) -> BenefitSide:
    behavioral = policy.behavioral.holds(name) or kinds == (ServiceKind.BEHAVIORAL,)
    return BenefitSide.BEHAVIORAL if behavioral else BenefitSide.MEDICAL


def _classifications(policy: ParityPolicy, rule: RequirementRule, name: str) -> tuple[Classification, ...]:
    if rule.places_of_service == (_EMERGENCY_ROOM,):
        return (Classification.EMERGENCY,)
    if not (name or rule.codes or rule.service_kinds):
        return (*_by_network(True, rule.network), *_by_network(False, rule.network))
    found: list[Classification] = []
    if ServiceKind.PHARMACY_DRUG in rule.service_kinds:
        found.append(Classification.PRESCRIPTION_DRUGS)
    if rule.service_kinds != (ServiceKind.PHARMACY_DRUG,):
        found.extend(_by_network(policy.inpatient.holds(name), rule.network))
    return tuple(found)


def _by_network(inpatient: bool, network: NetworkStatus | None) -> tuple[Classification, ...]:
    """The classifications of a benefit; a rule that names no network counts in both."""
    inside, outside = (
        (Classification.INPATIENT_IN_NETWORK, Classification.INPATIENT_OUT_OF_NETWORK)
        if inpatient
        else (Classification.OUTPATIENT_IN_NETWORK, Classification.OUTPATIENT_OUT_OF_NETWORK)
    )
    if network is None:
        return (inside, outside)
    return (inside,) if network is NetworkStatus.IN_NETWORK else (outside,)


def _judging(judges: tuple[Guideline, ...], name: str, codes: tuple[str, ...]) -> dict[str, bool]:
    """The guidelines about a benefit: by group or level, or for a rule that lists codes alone by one of those."""
    return {
        found.id: found.why_not_by_rule is None
        for found in judges
        if (name and (name in found.applies_to.service_group or name in found.applies_to.level_of_care))
        or (not name and not set(codes).isdisjoint(found.applies_to.hcpcs))
    }


def _title(name: str, rule: RequirementRule, titles: Mapping[str, str]) -> str:
    if name in rule.service_groups:
        return _group_title(name, titles)
    if name:
        return f"Stay: {name.replace('_', ' ')}"
    if rule.codes:
        more = len(rule.codes) - _MOST_CODES
        return ", ".join(rule.codes[:_MOST_CODES]) + (f" and {more} more" if more > 0 else "")
    kinds = " and ".join(kind.value.replace("_", " ") for kind in rule.service_kinds)
    return f"Every {kinds}" if kinds else "Every other service"


def _group_title(name: str, titles: Mapping[str, str]) -> str:
    return titles.get(name) or name.replace("_", " ")


def _differences(sheet: ParityWorksheet) -> Iterator[str]:
    """Each difference to look at: authorization asked for on one side alone, and approvals by rule on the other alone."""
    required = AuthorizationNeed.REQUIRED.value
    for classification in Classification:
        ours, theirs = (
            [one for one in sheet.of(classification, side) if one.need == required]
            for side in (BenefitSide.BEHAVIORAL, BenefitSide.MEDICAL)
        )
        if ours and not theirs:
            asked = count_phrase(len(ours), "behavioral benefit")
            yield (
                f"{classification}: {asked} must be authorized and no medical or surgical one; "
                "remove the requirement, or show why"
            )
        by_rule = [sum(any(one.guidelines.values()) for one in side) for side in (ours, theirs)]
        if ours and theirs and by_rule[0] == 0 < by_rule[1]:
            yield (
                f"{classification}: {by_rule[1]} of {len(theirs)} medical or surgical benefits may be approved by rule and "
                f"none of {len(ours)} behavioral ones; show that the evidence standard is the same"
            )
        without = sorted({one.what for one in ours if not one.guidelines})
        if without and all(one.guidelines for one in theirs):
            yield f"{classification}: no criteria are on file for {', '.join(without)}, and every medical benefit has some"
