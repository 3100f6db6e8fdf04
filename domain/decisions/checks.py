"""Checks of a signed decision: each violation names the rule and the remedy.

`signing_violations` is part of the type `AdverseDetermination`: it applies wherever a determination comes from and as long as
it exists. `wording_violations` applies once, before a decision is accepted: a word list that gets stricter later must not make
an existing determination unreadable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from zoneinfo import ZoneInfo

from domain.decisions.citations import citation_violations
from domain.decisions.grounds import opening_violations, record_violations
from domain.decisions.prudent_layperson import emergency_denial_violations
from domain.decisions.reason_wording import reason_issues
from domain.decisions.reasons import StructuredReason
from domain.decisions.reviewers import Reviewer
from domain.decisions.signature_checks import identity_violations, stamp_violations
from domain.decisions.signed import Circumstances, DeciderRule, LineDecision, SignedDecision
from domain.errors import RuleViolation, violation
from domain.plain_language.phrases import count_phrase
from domain.plain_language.printable import unprintable_reason
from domain.vocabulary import LineOutcome


def decision_violations(
    signed: SignedDecision, who: Reviewer, rule: DeciderRule, at: Circumstances
) -> tuple[RuleViolation, ...]:
    """Every rule that this decision breaks; empty when it is valid."""
    return (
        *signing_violations(signed, who, rule, at),
        *(wrong for line in signed.lines for wrong in wording_violations(line, at)),
    )


def signing_violations(
    signed: SignedDecision, who: Reviewer, rule: DeciderRule, at: Circumstances
) -> tuple[RuleViolation, ...]:
    """Every rule that the signing breaks: identity, license, specialty, independence and grounds; not the wording."""
    wrong_stamp = tuple(stamp_violations(signed, at))
    return wrong_stamp or (
        *identity_violations(signed, who, at),
        *_credential(signed, who, rule, at),
        *_fitness(signed, who, rule, at),
        *independence_violations(who, rule, at.earlier_reviewers),
        *_grounds(signed, rule, at),
        *_emergency_care(signed, at),
    )


def wording_violations(line: LineDecision, at: Circumstances) -> Iterator[RuleViolation]:
    """Every part of the reason of an adverse line that a letter could not print, and a rule cited that is not the plan's."""
    if not line.is_adverse or line.reason is None or not _is_complete(line.reason):
        return
    found = [wrong for _, wrong in reason_issues(line.reason, at.lob, at.codes)]
    found += [wrong for text in _texts(line.reason) if (wrong := unprintable_reason(text)) is not None]
    for wrong in dict.fromkeys(found):
        yield violation("decision.reason", f"Line {line.line_id}: {wrong}.", "Reword the reason, then sign.")
    if at.citable is not None:
        yield from citation_violations(line.reason, line.line_id, at.lob, at.citable)


def _credential(signed: SignedDecision, who: Reviewer, rule: DeciderRule, at: Circumstances) -> Iterator[RuleViolation]:
    cite = f"{rule.rule_id}: {'; '.join(rule.citations)}"
    day = signed.signed_at.astimezone(ZoneInfo(at.zone)).date()
    if rule.lob != at.lob:
        yield violation("decision.rule", "The rule on deciders is of another line of business.", "Reload the task.")
    other = rule.other(signed.licence.profession)
    allowed = (other.role,) if other is not None else rule.roles
    if not set(who.roles) & set(allowed):
        roles = ", ".join(role.value.replace("_", " ") for role in allowed)
        yield violation(
            cite, f"Only a {roles} may sign an adverse decision.", "Refer the case with your recommendation."
        )
    if signed.licence not in who.licences:
        yield violation(
            cite, "The license signed with is not on record for this reviewer.", "Have credentialing record it."
        )
    if other is None and signed.licence.profession not in rule.professions:
        yield violation(
            cite,
            "The license is of a profession that may not decide this.",
            f"Assign one of: {', '.join((*rule.professions, *(one.profession for one in rule.others)))}.",
        )
    if signed.licence.expires < day:
        yield violation(
            cite, "The license had expired when the decision was signed.", "Assign a reviewer with a current license."
        )
    if rule.unrestricted_licence and signed.licence.unrestricted is not True:
        yield violation(
            cite, "The license is not known to be unrestricted.", "Assign a reviewer with an unrestricted license."
        )
    if rule.same_state and signed.licence.state != at.state:
        yield violation(
            cite,
            f"The license must be of the member's state ({at.state}).",
            f"Assign a reviewer licensed in {at.state}.",
        )
    if who.training_valid_through is None or who.training_valid_through < day:
        yield violation(
            "decision.training",
            "The reviewer's training is not current.",
            "Complete the training, or reassign the task.",
        )


def _fitness(signed: SignedDecision, who: Reviewer, rule: DeciderRule, at: Circumstances) -> Iterator[RuleViolation]:
    cite = f"{rule.rule_id}: {'; '.join(rule.citations)}"
    other = rule.other(signed.licence.profession)
    fitting = other.specialties if other is not None else at.fitting_specialties
    asked = rule.specialty or other is not None
    if asked and (signed.specialty not in who.specialties or signed.specialty not in fitting):
        fits = ", ".join(fitting) or "none on record for this service"
        yield violation(
            cite, f"The specialty does not fit the service (fitting: {fits}).", "Reassign to a fitting specialist."
        )
    involved = set(at.involved_npis)
    if who.npi in involved or involved & set(who.conflicts):
        yield violation(
            "decision.conflict",
            "The reviewer has a tie to a party of this request.",
            "Reassign to an independent reviewer.",
        )
    if not signed.no_conflict_of_interest:
        yield violation(
            "decision.conflict",
            "The reviewer did not declare to be free of conflict.",
            "Declare it, or hand the task back.",
        )


def independence_violations(who: Reviewer, rule: DeciderRule, earlier: Collection[str]) -> Iterator[RuleViolation]:
    """Violations of independence on appeal: somebody of the `earlier` reviewers or, where the rule excludes them, a subordinate
    of one."""
    cite = f"{rule.rule_id}: {'; '.join(rule.citations)}"
    if rule.not_involved_before and who.reviewer_id in earlier:
        yield violation(
            cite, "The reviewer took part in an earlier decision of the case.", "Reassign to somebody else."
        )
    if rule.not_subordinate and who.reports_to in earlier:
        yield violation(
            cite,
            "The reviewer reports to somebody who took part in an earlier decision of the case.",
            "Reassign to somebody who does not.",
        )


def _grounds(signed: SignedDecision, rule: DeciderRule, at: Circumstances) -> Iterator[RuleViolation]:
    unread = set(at.evidence) - set(signed.evidence_opened)
    if unread:
        yield violation(
            "decision.evidence",
            f"Not opened yet: {count_phrase(len(unread), 'record')} of the case.",
            "Open every record before signing.",
        )
    unanswered = set(at.open_criteria) - {answer.node_id for answer in signed.criteria_answered}
    if unanswered:
        yield violation(
            "decision.criteria", f"Not answered: {', '.join(sorted(unanswered))}.", "Answer each open criterion."
        )
    decided = [line.line_id for line in signed.lines]
    if sorted(decided) != sorted(at.line_ids):
        yield violation(
            "decision.lines",
            "The decision must answer each line of the task once.",
            f"Answer: {', '.join(at.line_ids)}.",
        )
    if at.records is not None:
        yield from record_violations(signed, at.records)
    if at.opened is not None:
        yield from opening_violations(signed.evidence_opened, at.opened)
    for line in signed.lines:
        if line.outcome is LineOutcome.APPROVED_IN_PART and not line.has_approved_extent:
            yield violation(
                "decision.partial",
                f"Line {line.line_id}: an approval in part must say what is approved.",
                "Give the approved quantity, or the approved first and last day.",
            )
        if line.approves_nothing:
            yield violation(
                "decision.partial",
                f"Line {line.line_id}: what is approved has to be more than nothing.",
                "Give a quantity above zero and days in their order, or deny the line.",
            )
        if line.is_adverse and (line.reason is None or not _is_complete(line.reason)):
            yield violation(
                "decision.reason",
                f"Line {line.line_id} lacks its structured reason.",
                "State what was asked, the records read, the facts, the rule, the gap, and what would change it.",
            )
    if rule.peer_to_peer_first and not at.peer_to_peer_settled:
        yield peer_to_peer_violation(rule)


def peer_to_peer_violation(rule: DeciderRule) -> RuleViolation:
    """The violation of a rule that demands the call with the requesting provider before an adverse decision."""
    return violation(
        f"{rule.rule_id}.peer_to_peer",
        "The requesting provider has not yet had the offered peer-to-peer.",
        "Hold it, record that it was declined, or wait until the offer ends.",
    )


def _emergency_care(signed: SignedDecision, at: Circumstances) -> Iterator[RuleViolation]:
    """Emergency care is judged by the presenting symptoms: the grounds on which no line of it may be denied."""
    if at.emergency is None:
        return
    for line in signed.lines:
        if line.is_adverse and line.line_id in at.emergency.line_ids:
            denial = line.reason.emergency if line.reason is not None else None
            for one in emergency_denial_violations(denial, at.emergency.presentation, at.lob):
                yield violation(one.rule, f"Line {line.line_id}: {one.message}", one.way_out)


def _is_complete(reason: StructuredReason) -> bool:
    words = (reason.asked, reason.rule, reason.rule_citation, reason.gap, reason.what_would_change, reason.plain_words)
    return all(text.strip() for text in words) and bool(reason.findings) and bool(reason.records_read)


def _texts(reason: StructuredReason) -> Iterator[str]:
    """Every text of a reason that a letter prints."""
    yield from (reason.asked, *reason.records_read, reason.gap, reason.plain_words, reason.what_would_change)
    yield from (text for each in reason.findings for text in (each.criterion, each.finding, each.citation))
    yield from (reason.rule, reason.rule_citation)
