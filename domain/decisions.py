"""Who may decide what, and the only door to an adverse answer.

`AdverseDetermination` cannot exist without a `SignedDecision` that passes every check of `why_not`: the checks are part of
the type, so that neither a constructor call nor a deserialized message can hold an adverse answer that no allowed
clinician signed. Approvals may be made by rule (with the criteria verdicts) or by a person.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, model_validator

from domain.errors import Refusal, Refused
from domain.journal import canonical
from domain.letters import StructuredReason
from domain.model import Model
from domain.plan import Licence, Reviewer
from domain.reason_words import reason_findings
from domain.vocabulary import ADVERSE_OUTCOMES, LineOutcome, Lob, Role

STAMP_SKEW = timedelta(seconds=60)
"""How far a stamp made at the edge may run ahead of the workflow's own clock."""


class DeciderRule(Model):
    """Who may sign an adverse decision in one line of business, in `states` only where it lists some.

    `professions` are licensed professions; `same_state` asks for a licence of the member's state; `specialty` tells
    whether the reviewer's specialty must fit the service.
    """

    rule_id: str
    lob: Lob
    roles: tuple[Role, ...]
    professions: tuple[str, ...]
    unrestricted_licence: bool
    same_state: bool
    specialty: bool
    peer_to_peer_first: bool
    citations: tuple[str, ...]
    confidence: str
    states: tuple[str, ...] = ()
    note: str = ""


class LineDecision(Model):
    """A person's answer for one line. Approved quantity and dates are what may be rendered and when (both days included)."""

    line_id: str
    outcome: LineOutcome
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None
    reason: StructuredReason | None = None

    @property
    def is_adverse(self) -> bool:
        return self.outcome in ADVERSE_OUTCOMES

    @property
    def says_what_is_approved(self) -> bool:
        days = self.approved_start is not None and self.approved_end is not None
        return self.approved_quantity is not None or days


class CriterionAnswer(Model):
    """What the clinician says of one criterion that software left open or found not met."""

    node_id: str
    answer: Literal["met", "not_met", "cannot_tell"]
    note: str


class SignedDecision(Model):
    """A clinician's decision with everything that makes it answerable.

    `signature` is the sha256 (hex) over the content, made when the clinician signed at `signed_at` (UTC); a decision that was
    changed afterwards no longer matches it.
    """

    decision_id: str
    case_id: str
    task_id: str
    reviewer_id: str
    licence: Licence
    specialty: str
    no_conflict_of_interest: bool
    evidence_opened: tuple[str, ...]
    criteria_answered: tuple[CriterionAnswer, ...]
    lines: tuple[LineDecision, ...]
    attestation: str
    signed_at: AwareDatetime
    signature: str = ""

    def digest(self) -> str:
        return hashlib.sha256(canonical(self.model_dump(mode="json", exclude={"signature"}))).hexdigest()

    def sealed(self) -> SignedDecision:
        """The same decision with its signature."""
        return self.model_copy(update={"signature": self.digest()})


class Circumstances(Model):
    """What a decision is judged against: the case's side of the rule.

    `involved_npis` are the requesting, servicing and ordering providers; `evidence` the records that a decision must rest
    on; `codes` the service and diagnosis codes, which a reason for the member must not hold; `open_criteria` the criteria
    that need a clinician's word.
    """

    case_id: str
    task_id: str
    task_opened_at: AwareDatetime
    line_ids: tuple[str, ...]
    lob: Lob
    state: str
    zone: str
    fitting_specialties: tuple[str, ...]
    involved_npis: tuple[str, ...]
    evidence: tuple[str, ...]
    codes: tuple[str, ...]
    open_criteria: tuple[str, ...]
    peer_to_peer_settled: bool
    now: AwareDatetime


def _no(rule: str, message: str, way_out: str) -> Refusal:
    return Refusal(rule=rule, message=message, way_out=way_out)


def _identity(signed: SignedDecision, who: Reviewer, at: Circumstances) -> Iterator[Refusal]:
    if signed.case_id != at.case_id or signed.task_id != at.task_id:
        yield _no(
            "decision.belongs_to_task",
            "The decision was signed for another task.",
            "Sign it in the task it belongs to.",
        )
    if signed.reviewer_id != who.reviewer_id or not who.active:
        yield _no("decision.identity", "The signer is not the active reviewer on record.", "Sign in as yourself.")
    if not hmac.compare_digest(signed.signature, signed.digest()):
        yield _no(
            "decision.signature", "The signature does not match what was signed.", "Review the decision and sign again."
        )
    if not at.task_opened_at <= signed.signed_at <= at.now + STAMP_SKEW:
        yield _no(
            "decision.stamp",
            "The time of signing lies before the task or in the future.",
            "Correct the clock where it was signed.",
        )
    if not signed.attestation.strip():
        yield _no("decision.attestation", "The attestation is empty.", "State that you reviewed the record yourself.")


def _credential(signed: SignedDecision, who: Reviewer, rule: DeciderRule, at: Circumstances) -> Iterator[Refusal]:
    cite = f"{rule.rule_id}: {'; '.join(rule.citations)}"
    day = signed.signed_at.astimezone(ZoneInfo(at.zone)).date()
    if rule.lob != at.lob:
        yield _no("decision.rule", "The rule on deciders is of another line of business.", "Reload the task.")
    if not set(who.roles) & set(rule.roles):
        roles = ", ".join(role.value.replace("_", " ") for role in rule.roles)
        yield _no(cite, f"Only a {roles} may sign an adverse decision.", "Refer the case with your recommendation.")
    if signed.licence not in who.licences:
        yield _no(cite, "The licence signed with is not on record for this reviewer.", "Have credentialing record it.")
    if signed.licence.profession not in rule.professions:
        yield _no(
            cite,
            "The licence is of a profession that may not decide this.",
            f"Assign one of: {', '.join(rule.professions)}.",
        )
    if signed.licence.expires < day:
        yield _no(
            cite, "The licence had expired when the decision was signed.", "Assign a reviewer with a current licence."
        )
    if rule.unrestricted_licence and signed.licence.unrestricted is not True:
        yield _no(
            cite, "The licence is not known to be unrestricted.", "Assign a reviewer with an unrestricted licence."
        )
    if rule.same_state and signed.licence.state != at.state:
        yield _no(
            cite,
            f"The licence must be of the member's state ({at.state}).",
            f"Assign a reviewer licensed in {at.state}.",
        )
    if who.training_valid_through is None or who.training_valid_through < day:
        yield _no(
            "decision.training",
            "The reviewer's training is not current.",
            "Complete the training, or reassign the task.",
        )


def _fitness(signed: SignedDecision, who: Reviewer, rule: DeciderRule, at: Circumstances) -> Iterator[Refusal]:
    cite = f"{rule.rule_id}: {'; '.join(rule.citations)}"
    if rule.specialty and (signed.specialty not in who.specialties or signed.specialty not in at.fitting_specialties):
        fits = ", ".join(at.fitting_specialties) or "none on record for this service"
        yield _no(
            cite, f"The specialty does not fit the service (fitting: {fits}).", "Reassign to a fitting specialist."
        )
    involved = set(at.involved_npis)
    if who.npi in involved or involved & set(who.conflicts):
        yield _no(
            "decision.conflict",
            "The reviewer has a tie to a party of this request.",
            "Reassign to an independent reviewer.",
        )
    if not signed.no_conflict_of_interest:
        yield _no(
            "decision.conflict",
            "The reviewer did not declare to be free of conflict.",
            "Declare it, or hand the task back.",
        )


def _grounds(signed: SignedDecision, rule: DeciderRule, at: Circumstances) -> Iterator[Refusal]:
    unread = set(at.evidence) - set(signed.evidence_opened)
    if unread:
        yield _no(
            "decision.evidence",
            f"{len(unread)} record(s) of the case were not opened.",
            "Open every record before signing.",
        )
    unanswered = set(at.open_criteria) - {answer.node_id for answer in signed.criteria_answered}
    if unanswered:
        yield _no("decision.criteria", f"Not answered: {', '.join(sorted(unanswered))}.", "Answer each open criterion.")
    decided = [line.line_id for line in signed.lines]
    if sorted(decided) != sorted(at.line_ids):
        yield _no(
            "decision.lines",
            "The decision must answer each line of the task once.",
            f"Answer: {', '.join(at.line_ids)}.",
        )
    for line in signed.lines:
        if line.outcome is LineOutcome.APPROVED_IN_PART and not line.says_what_is_approved:
            yield _no(
                "decision.partial",
                f"Line {line.line_id}: an approval in part must say what is approved.",
                "Give the approved quantity, or the approved first and last day.",
            )
        if line.is_adverse and (line.reason is None or not _complete(line.reason)):
            yield _no(
                "decision.reason",
                f"Line {line.line_id} lacks its structured reason.",
                "State what was asked, the records read, the facts, the rule, the gap, and what would change it.",
            )
        elif line.is_adverse and line.reason is not None:
            for _, wrong in reason_findings(line.reason, at.lob, at.codes):
                yield _no("decision.reason", f"Line {line.line_id}: {wrong}.", "Reword the reason, then sign.")
    if rule.peer_to_peer_first and not at.peer_to_peer_settled:
        yield _no(
            f"{rule.rule_id}.peer_to_peer",
            "The requesting provider has not yet had the offered peer-to-peer.",
            "Hold it, record that it was declined, or wait until the offer ends.",
        )


def _complete(reason: StructuredReason) -> bool:
    words = (reason.asked, reason.rule, reason.rule_citation, reason.gap, reason.what_would_change, reason.plain_words)
    return all(text.strip() for text in words) and bool(reason.findings) and bool(reason.records_read)


def why_not(signed: SignedDecision, who: Reviewer, rule: DeciderRule, at: Circumstances) -> tuple[Refusal, ...]:
    """Every rule that this decision breaks; empty when it may stand."""
    return (
        *_identity(signed, who, at),
        *_credential(signed, who, rule, at),
        *_fitness(signed, who, rule, at),
        *_grounds(signed, rule, at),
    )


class AdverseDetermination(Model):
    """A denial or partial approval, with the proof that it may exist: it validates itself, wherever it comes from."""

    signed: SignedDecision
    reviewer: Reviewer
    rule: DeciderRule
    circumstances: Circumstances

    @model_validator(mode="after")
    def _must_be_signed_by_an_allowed_clinician(self) -> AdverseDetermination:
        refusals = why_not(self.signed, self.reviewer, self.rule, self.circumstances)
        if refusals:
            raise ValueError("; ".join(str(refusal) for refusal in refusals))
        if not any(line.is_adverse for line in self.signed.lines):
            raise ValueError("nothing adverse was decided")
        return self

    @property
    def lines(self) -> tuple[LineDecision, ...]:
        return self.signed.lines


def determine(signed: SignedDecision, who: Reviewer, rule: DeciderRule, at: Circumstances) -> AdverseDetermination:
    """The adverse determination that a signed decision makes. Raises Refused with every broken rule."""
    refusals = why_not(signed, who, rule, at)
    if refusals:
        raise Refused(refusals)
    return AdverseDetermination(signed=signed, reviewer=who, rule=rule, circumstances=at)


class Approval(Model):
    """A line approved, by rule (then `verdict_id` names the criteria trace) or by a person. Quantity and dates as approved."""

    line_id: str
    by: str
    verdict_id: str | None = None
    guideline_id: str | None = None
    approved_quantity: Decimal | None = None
    approved_start: date | None = None
    approved_end: date | None = None


def may_work(who: Reviewer, roles: tuple[Role, ...], professions: tuple[str, ...], day: date) -> tuple[Refusal, ...]:
    """Why this reviewer may not be given a task of these roles on `day` (the case's local day): role, training, licence."""
    return tuple(_assignment(who, roles, professions, day))


def _assignment(who: Reviewer, roles: tuple[Role, ...], professions: tuple[str, ...], day: date) -> Iterator[Refusal]:
    if not who.active:
        yield _no("task.active", "The reviewer is not active.", "Assign someone else.")
    if not set(roles) & set(who.roles):
        named = " or ".join(role.value.replace("_", " ") for role in roles)
        yield _no("task.role", f"The task is for: {named}.", "Leave it to, or reassign it to, somebody of that role.")
    if who.training_valid_through is None or who.training_valid_through < day:
        yield _no(
            "task.training", "The reviewer's training is not current.", "Complete the training, or reassign the task."
        )
    fitting = [lic for lic in who.licences if lic.profession in professions]
    if professions and not any(lic.expires >= day and lic.unrestricted is True for lic in fitting):
        yield _no(
            "task.licence", "No current unrestricted licence of a profession that the task needs.", "Reassign the task."
        )
