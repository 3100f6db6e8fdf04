"""Home oxygen with complete evidence: approved by rule in seconds, with the reason."""

from __future__ import annotations

from datetime import timedelta

from demo.stories.story import Story, sample_request, skip_to_monday
from demo.story_printer import StoryPrinter
from demo.time_skipping_lab import Lab, laboratory
from domain.cases.views import CaseStatus
from domain.decisions.decision_makers import ByRule
from domain.journal import EntryKind
from domain.vocabulary import Audience, NoticeKind
from store import cases


async def tell(lab: Lab, narrator: StoryPrinter) -> str:
    """The case number."""
    await skip_to_monday(lab, "America/Chicago", 9, 12)
    narrator.show_progress("Riverbend Clinic sends a Da Vinci PAS bundle")
    arrival = await lab.submit(sample_request("home-oxygen-complete"))
    narrator.expect(arrival.case_id is not None, "the bundle was understood and became a case")
    case_id = str(arrival.case_id)

    found = narrator.timeline(lab.store, case_id)
    with lab.store.read() as s:
        line = cases.lines(s, case_id)[0]
    narrator.criteria(found, str(line.verdict_id))

    view = found.view
    took = view.decided_at - view.received_at if view.decided_at is not None else timedelta.max
    narrator.expect(view.status is CaseStatus.APPROVED, f"the request is approved, number {view.authorization_number}")
    narrator.expect(
        took < timedelta(seconds=30), f"the decision took {took / timedelta(milliseconds=1):.0f} milliseconds"
    )
    narrator.expect(line.decided_by == ByRule("OXY@2023-04-01.3"), "a rule decided, and the rule stands on the case")
    narrator.expect(not found.of_kind(EntryKind.TASK_OPENED), "nobody had to touch it")
    sent = {(letter.notice, letter.audience) for letter in found.letters if letter.handed_over_at is not None}
    wanted = {
        (n, a) for n in (NoticeKind.ACKNOWLEDGMENT, NoticeKind.APPROVAL) for a in (Audience.MEMBER, Audience.PROVIDER)
    }
    narrator.expect(sent == wanted, "member and provider each have an acknowledgment and an approval")
    narrator.keep(found, lab.outbox, STORY.folder)
    return case_id


STORY = Story(
    folder="1-home-oxygen",
    title="Home oxygen, everything there",
    intro=(
        "A clinic asks for home oxygen and sends the test, the note and the answers along.",
        "The rule reads them, approves in seconds, and can show what it saw at every step.",
    ),
    open_lab=laboratory,
    tell=tell,
)
