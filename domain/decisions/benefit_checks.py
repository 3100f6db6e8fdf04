"""Checks of a signed benefit decision: who signs, on which provision, and that no clinical judgment is in it.

`benefit_signing_violations` is part of the type `BenefitDetermination`, and applies as long as one exists;
`benefit_wording_violations` applies once, before a decision is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from domain.decisions.benefits import BenefitCircumstances, BenefitSignerRule, PlanProvision, SignedBenefitDecision
from domain.decisions.reason_wording import reason_issues
from domain.decisions.reasons import StructuredReason
from domain.decisions.reviewers import Reviewer
from domain.decisions.signature_checks import identity_violations, stamp_violations
from domain.decisions.signed import LineDecision
from domain.errors import RuleViolation, violation
from domain.plain_language.printable import unprintable_reason
from domain.vocabulary import LineOutcome, StaffDuty

CLINICAL_WORDS = re.compile(
    r"\b(?:medical(?:ly)? (?:necess\w*|need\w*|appropriate\w*|indicated)|necessity"
    r"|not (?:necessary|needed|indicated|appropriate)|clinical(?:ly)?|diagnos\w+|symptom\w*|severity|prognos\w+"
    r"|criteri(?:a|on)|guidelines?|experimental|investigational|ineffective|effectiveness|unproven|cosmetic|level of care"
    r"|(?:national|local) coverage determination|[NL]CD)\b",
    re.IGNORECASE,
)
"""Words of clinical judgment, which no reason of benefit staff may hold outside the words of the provision itself."""


def benefit_violations(
    signed: SignedBenefitDecision, who: Reviewer, rule: BenefitSignerRule, at: BenefitCircumstances
) -> tuple[RuleViolation, ...]:
    """Every rule that this decision breaks; empty when it is valid."""
    return (
        *benefit_signing_violations(signed, who, rule, at),
        *(wrong for line in signed.lines for wrong in benefit_wording_violations(line, at)),
    )


def benefit_signing_violations(
    signed: SignedBenefitDecision, who: Reviewer, rule: BenefitSignerRule, at: BenefitCircumstances
) -> tuple[RuleViolation, ...]:
    """Every rule that the signing breaks: identity, credential, independence, the clinician before, and the provision."""
    wrong_stamp = tuple(stamp_violations(signed, at))
    return wrong_stamp or (
        *identity_violations(signed, who, at),
        *_credential(signed, who, rule, at),
        *_independence(signed, who, at),
        *_clinician_first(rule, at),
        *_provision(signed, at),
        *_extent(signed.lines[0], at),
    )


def benefit_wording_violations(line: LineDecision, at: BenefitCircumstances) -> Iterator[RuleViolation]:
    """Every part of the reason that a letter could not print, and every word of clinical judgment in it."""
    reason = line.reason
    if not line.is_adverse or reason is None:
        return
    found = [wrong for _, wrong in reason_issues(reason, at.lob, at.codes) if "internal criterion" not in wrong]
    found += [wrong for text in _texts(reason) if (wrong := unprintable_reason(text)) is not None]
    for wrong in dict.fromkeys(found):
        yield violation("decision.reason", f"Line {line.line_id}: {wrong}.", "Reword the reason, then sign.")
    if any(CLINICAL_WORDS.search(text) for text in _own_texts(reason)):
        yield violation(
            "benefit.clinical_words",
            f"Line {line.line_id}: the reason speaks of clinical judgment.",
            "Say only what the provision says and what was counted; return the line where it needs a clinician.",
        )


def _credential(
    signed: SignedBenefitDecision, who: Reviewer, rule: BenefitSignerRule, at: BenefitCircumstances
) -> Iterator[RuleViolation]:
    cite = f"{rule.rule_id}: {'; '.join(rule.citations)}"
    day = signed.signed_at.astimezone(ZoneInfo(at.zone)).date()
    if rule.lob != at.lob:
        yield violation("decision.rule", "The rule on signers is of another line of business.", "Reload the task.")
    if not set(who.roles) & set(rule.roles):
        yield violation(
            cite, "Only benefit staff may sign a decision on the plan's documents.", "Leave it to benefit staff."
        )
    held = signed.credential
    if held not in who.credentials or held.duty is not StaffDuty.BENEFIT_DECISIONS:
        yield violation(
            cite, "The credential signed with is not on record for this.", "Have the directory record the credential."
        )
    if held.expires < day:
        yield violation(cite, "The credential had expired when the decision was signed.", "Leave it to a colleague.")
    if who.training_valid_through is None or who.training_valid_through < day:
        yield violation(
            "decision.training", "The signer's training is not current.", "Complete it, or leave it to a colleague."
        )


def _independence(signed: SignedBenefitDecision, who: Reviewer, at: BenefitCircumstances) -> Iterator[RuleViolation]:
    involved = set(at.involved_npis)
    if who.npi in involved or involved & set(who.conflicts):
        yield violation(
            "decision.conflict", "The signer has a tie to a party of this request.", "Leave it to a colleague."
        )
    if not signed.no_conflict_of_interest:
        yield violation(
            "decision.conflict", "A conflict of interest is not ruled out.", "State that there is none, or leave it."
        )


def _clinician_first(rule: BenefitSignerRule, at: BenefitCircumstances) -> Iterator[RuleViolation]:
    """Under the age of the rule a limit is soft: nobody signs before a clinician, and not against one."""
    if at.is_emergency:
        yield violation(
            "benefit.emergency",
            "Emergency care is not denied by a provision of the plan.",
            "Return the line: it is judged by the presenting symptoms.",
        )
    if not at.clinician_first:
        return
    cite = f"{rule.rule_id}: {'; '.join(rule.citations)}"
    answered = at.need
    if answered is None or answered.line_id != at.line_id:
        yield violation(
            cite,
            "A clinician has not yet answered whether the care is needed in spite of the provision.",
            "Wait for the answer: under this age an exclusion or a limit is soft.",
        )
    elif answered.necessary:
        yield violation(
            cite,
            "A clinician has answered that the care is needed: the provision does not bind.",
            "Return the line to clinical review.",
        )


def _provision(signed: SignedBenefitDecision, at: BenefitCircumstances) -> Iterator[RuleViolation]:
    found = next((one for one in at.provisions if one.provision_id == signed.provision_id), None)
    if found is None:
        known = ", ".join(one.provision_id for one in at.provisions) or "none"
        yield violation(
            "benefit.provision",
            "The plan file has no such provision about this service.",
            f"Name one of the plan file's ({known}), or return the line.",
        )
        return
    if found.needs_judgment:
        yield violation(
            "benefit.needs_judgment",
            "Applying this provision takes clinical judgment.",
            "Return the line: a clinician decides it.",
        )
    reason = signed.lines[0].reason
    if reason is None or not _is_exact(reason, found):
        yield violation(
            "benefit.exact_provision",
            "The reason does not hold the provision word for word with its place.",
            "Take its words and its place from the plan file, and say what was counted.",
        )


def _is_exact(reason: StructuredReason, provision: PlanProvision) -> bool:
    cites = {reason.rule_citation, reason.plan_provision, *(found.citation for found in reason.findings)}
    own = (reason.asked, reason.gap, reason.what_would_change, reason.plain_words)
    whole = all(text.strip() for text in own) and bool(reason.findings) and bool(reason.records_read)
    return whole and reason.rule == provision.words and cites == {provision.citation} and reason.emergency is None


def _extent(line: LineDecision, at: BenefitCircumstances) -> Iterator[RuleViolation]:
    if line.line_id != at.line_id or not line.is_adverse:
        yield violation(
            "decision.lines", "The decision must answer the line of the task, adversely.", "Else return the line."
        )
    if line.outcome is LineOutcome.APPROVED_IN_PART:
        if not line.has_approved_extent or line.approves_nothing:
            yield violation(
                "decision.partial", "An approval in part must say what is approved.", "Say how much the limit leaves."
            )
        if not at.criteria_settled:
            yield violation(
                "benefit.part_needs_clinician",
                "Whether the part within the limit is approved is for a clinician.",
                "Return the line, and have the part within the limit reviewed.",
            )


def _own_texts(reason: StructuredReason) -> Iterator[str]:
    """The texts that the signer wrote beside the words of the provision and the request."""
    yield from (reason.gap, reason.plain_words, reason.what_would_change)
    yield from (text for found in reason.findings for text in (found.criterion, found.finding))


def _texts(reason: StructuredReason) -> Iterator[str]:
    yield from (reason.asked, *reason.records_read, reason.rule, reason.rule_citation, *_own_texts(reason))
