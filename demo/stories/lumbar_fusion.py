"""Lumbar fusion: authority to deny. A nurse has none, nor the wrong specialist; the right one only after reading the record."""

from __future__ import annotations

from demo.reviewers import CaseParticipants, require_accepted, require_rejected
from demo.stories.story import Story, sample_request, skip_to_monday
from demo.story_printer import StoryPrinter
from demo.time_skipping_lab import Lab, laboratory
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.vocabulary import Audience, Channel, NoticeKind

NURSE, DERMATOLOGIST, EXPIRED, SURGEON = "nurse.adams", "md.derm.novak", "md.neuro.haile", "md.ortho.chen"
PLAIN_WORDS = (
    "You asked us to cover surgery that joins two bones of your lower back. Your curve of 35 degrees and your pain are real. "
    "The rule for your state asks for at least 12 months of other treatment first. Your records show 6 months."
)

WHAT_WOULD_CHANGE = (
    "Records that show at least 12 months of treatment without surgery, such as notes from physical therapy. "
    "Or pictures that show that the spine is unstable, or that a nerve is pressed."
)


async def tell(lab: Lab, narrator: StoryPrinter) -> str:
    """The case number."""
    await skip_to_monday(lab, "America/New_York", 10, 30)
    narrator.show_progress("Lakeside Spine Center asks for a fusion; no indication of the local guideline is met")
    case_id = str((await lab.submit(sample_request("lumbar-fusion"), Channel.PORTAL)).case_id)
    people = CaseParticipants(lab, case_id)

    await lab.advance(hours=1, minutes=20)
    narrator.show_progress("a nurse tries to deny it")
    require_accepted(await people.claims(NURSE, TaskKind.NURSE_REVIEW))
    tries = [
        (
            "tries to deny",
            require_rejected(await people.deny_task(NURSE, TaskKind.NURSE_REVIEW, TaskOutcome.DECIDE)),
            NURSE,
        ),
        (
            "calls a no an approval",
            require_rejected(await people.deny_task(NURSE, TaskKind.NURSE_REVIEW, TaskOutcome.APPROVE)),
            NURSE,
        ),
    ]
    await lab.advance(minutes=10)
    narrator.show_progress("she refers it with her recommendation, and the surgeon is offered a call")
    recommendation = "The curve and the pain are documented. Six of the twelve months of other treatment are."
    require_accepted(await people.refer_to_physician(NURSE, recommendation))

    await lab.advance(hours=22)
    require_accepted(
        await people.calls("Dr. Okonjo explained her plan; she has no further records of treatment without surgery.")
    )
    await lab.advance(hours=2)
    narrator.show_progress("three physicians try to sign a denial")
    denial = await people.denial_form(PLAIN_WORDS, WHAT_WOULD_CHANGE)
    unread = await people.denial_form(PLAIN_WORDS, WHAT_WOULD_CHANGE, opened=())
    tries += [
        ("signs a denial", require_rejected(await people.sign_decision(DERMATOLOGIST, denial)), DERMATOLOGIST),
        ("signs a denial", require_rejected(await people.sign_decision(EXPIRED, denial)), EXPIRED),
        ("signs without opening the record", require_rejected(await people.sign_decision(SURGEON, unread)), SURGEON),
    ]
    await lab.advance(minutes=40)
    narrator.show_progress("the right one reads the record and signs")
    require_accepted(await people.sign_decision(SURGEON, await people.denial_form(PLAIN_WORDS, WHAT_WOULD_CHANGE)))

    found = narrator.timeline(lab.store, case_id)
    narrator.criteria(found, next(iter(found.verdicts)))
    narrator.heading("Rejected actions: the rule and the remedy")
    for tried, refusals, who in tries:
        narrator.refused(found.names[who], tried, refusals)
    narrator.letter(
        found,
        NoticeKind.ADVERSE_DETERMINATION,
        Audience.MEMBER,
        {
            "specific_reason": "reason",
            "criteria_reference": "rule",
            "missing_info": "what would change it",
            "appeal_right": "right",
            "appeal_deadline": "until when",
            "expedited_appeal": "fast appeal",
        },
    )
    by_rule = {who: {refusal.rule for refusal in refusals} for _, refusals, who in tries}
    narrator.expect(
        "decision.adverse_needs_signature" in by_rule[NURSE], "a nurse can approve or refer; she cannot deny"
    )
    narrator.expect(
        any("DEC-MA-OD" in rule for rule in by_rule[DERMATOLOGIST]),
        "a physician whose specialty does not fit cannot deny (42 CFR 422.566(d))",
    )
    narrator.expect("task.licence" in by_rule[EXPIRED], "a physician whose license has expired cannot deny")
    narrator.expect("decision.evidence" in by_rule[SURGEON], "who has not opened the record cannot deny")
    narrator.expect(
        found.view.status is CaseStatus.DENIED, "the fitting physician, after the call and the reading, can"
    )
    letters = found.letters_of(NoticeKind.ADVERSE_DETERMINATION)
    narrator.expect(
        {letter.audience for letter in letters} == {Audience.MEMBER, Audience.PROVIDER} and len(letters) == 2,
        "member and provider each got one letter with reason, rule, rights and deadlines",
    )
    narrator.keep(found, lab.outbox, STORY.folder)
    return case_id


STORY = Story(
    folder="3-lumbar-fusion",
    title="Lumbar fusion: who may say no",
    intro=(
        "No indication of the local guideline is met. Software does not deny; it finds the people who may.",
        "Five attempts to deny are refused with the rule they break, before the sixth may stand.",
    ),
    open_lab=laboratory,
    tell=tell,
)
