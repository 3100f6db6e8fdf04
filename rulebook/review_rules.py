"""The plan's own rules of review, read from `rulebook/review/`: deciders, fitting specialties, requirements, policy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain.assessment import ReviewPolicy
from domain.decisions import DeciderRule
from domain.errors import UmpireError
from domain.requirements import FittingSpecialties, RequirementRule
from domain.vocabulary import Lob
from rulebook.yamlfile import RULEBOOK_ROOT, RulebookError, RulebookErrors, load_located, load_models

REVIEW = RULEBOOK_ROOT / "review"


class NoDecider(UmpireError):
    """No rule says who may decide in a line of business: a case of it cannot be taken in."""

    code = "no_decider"

    def __init__(self, lob: Lob) -> None:
        super().__init__(f"review/deciders.yaml has no entry for {lob.value}: write one before taking requests of it")


@dataclass(frozen=True)
class ReviewRules:
    deciders: dict[Lob, DeciderRule]
    specialties: tuple[FittingSpecialties, ...]
    requirements: tuple[RequirementRule, ...]
    policy: ReviewPolicy

    def decider(self, lob: Lob) -> DeciderRule:
        """Who may decide. Raises NoDecider."""
        try:
            return self.deciders[lob]
        except KeyError:
            raise NoDecider(lob) from None


def load_review_rules(folder: Path = REVIEW) -> ReviewRules:
    """The four files. Raises RulebookErrors naming file, line and key."""
    policies = load_models(folder / "policy.yaml", "policies", ReviewPolicy)
    if len(policies) != 1:
        error = RulebookError("review/policy.yaml", 1, "policies", f"{len(policies)} entries", "exactly one")
        raise RulebookErrors((error,))
    return ReviewRules(
        deciders=_by_lob(folder / "deciders.yaml"),
        specialties=_specialties(folder / "specialties.yaml"),
        requirements=load_models(folder / "requirements.yaml", "requirements", RequirementRule),
        policy=policies[0],
    )


def _specialties(path: Path) -> tuple[FittingSpecialties, ...]:
    """The first entry that names a service counts, so one for everything hides all that follow it."""
    found = tuple(load_located(path, "specialties", FittingSpecialties))
    for rule, place in found[:-1]:
        if rule.fits_everything:
            problem = "the entries below it never count"
            raise RulebookErrors(
                (place.error(("specialties",), problem, "the entry for all other services at the end"),)
            )
    return tuple(rule for rule, _ in found)


def _by_lob(path: Path) -> dict[Lob, DeciderRule]:
    found: dict[Lob, DeciderRule] = {}
    for rule, place in load_located(path, "deciders", DeciderRule):
        if rule.lob in found:
            raise RulebookErrors(
                (place.error(("lob",), f"a second entry for {rule.lob.value}", "one entry per line of business"),)
            )
        found[rule.lob] = rule
    return found
