"""CPAP with a missing fact: asked once, answered on day 3, approved by rule; without a pause of the Medicare clock."""

from __future__ import annotations

from demo import timeline
from demo.reviewers import CaseParticipants, require_accepted
from demo.stories.story import Story, sample_record, sample_request, skip_to_monday
from demo.story_printer import StoryPrinter
from demo.time_skipping_lab import Lab, laboratory
from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from domain.vocabulary import Audience, NoticeKind


async def tell(lab: Lab, narrator: StoryPrinter) -> str:
    """The case number."""
    await skip_to_monday(lab, "America/Chicago", 14, 5)
    narrator.show_progress("Riverbend Clinic asks for a CPAP device; the summary page of the sleep test is missing")
    arrival = await lab.submit(sample_request("cpap-missing-facts"))
    case_id = str(arrival.case_id)
    people = CaseParticipants(lab, case_id)
    due_at_first = people.record().view.decision_due

    narrator.show_progress("three days go by")
    await lab.advance(days=3)
    narrator.show_progress("the clinic sends what was missing")
    require_accepted(await people.send_records(sample_record("sleep-test-index"), "sleep-test-index.json"))

    narrator.show_progress("the criteria are met, and the rule approves")
    found = narrator.timeline(lab.store, case_id)
    narrator.letter(
        found,
        NoticeKind.INFORMATION_REQUEST,
        Audience.PROVIDER,
        {"info_needed": "asks for", "info_due": "by when", "clock_note": "and says"},
    )
    view = found.view
    requests = found.letters_of(NoticeKind.INFORMATION_REQUEST)
    narrator.expect(len(requests) == 1, "the provider was asked once, for everything that was missing")
    narrator.expect(
        found.due_instants() == (due_at_first,),
        f"the decision was due {timeline.format_local_time(found.due_instants()[0], found.zone)} "
        "before the question and after the answer: "
        "this clock never pauses",
    )
    looks = found.of_kind(EntryKind.CRITERIA_EVALUATED)
    narrator.expect(len(looks) == 2, "the criteria were read twice: unknown on day 0, met on day 3")
    narrator.expect(view.status is CaseStatus.APPROVED, f"approved by rule, number {view.authorization_number}")
    narrator.keep(found, lab.outbox, STORY.folder)
    return case_id


STORY = Story(
    folder="2-cpap",
    title="CPAP, one number missing",
    intro=(
        "The sleep test came without the page that has the number of breathing stops in an hour.",
        "Umpire asks once and waits; the clock of Medicare Advantage goes on running meanwhile.",
    ),
    open_lab=laboratory,
    tell=tell,
)
