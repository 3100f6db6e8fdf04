"""CPAP with a missing fact: asked once, answered on day 3, approved; and the Medicare clock never paused."""

from __future__ import annotations

from demo import timeline
from demo.reviewers import People, accepted
from demo.stories.story import Story, begin_on_monday, record, sample
from demo.story_printer import Narrator
from demo.time_skipping_lab import Lab, laboratory
from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from domain.vocabulary import Audience, NoticeKind


async def tell(lab: Lab, narrator: Narrator) -> str:
    """The case number."""
    await begin_on_monday(lab, "America/Chicago", 14, 5)
    narrator.doing("Riverbend Clinic asks for a CPAP device; the summary page of the sleep test is missing")
    arrival = await lab.submit(sample("cpap-missing-facts"))
    case_id = str(arrival.case_id)
    people = People(lab, case_id)
    due_at_first = people.record().view.decision_due

    narrator.doing("three days go by")
    await lab.advance(days=3)
    narrator.doing("the clinic sends what was missing")
    accepted(await people.sends(record("sleep-test-index"), "sleep-test-index.json"))

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
        f"the decision was due {timeline.local(found.due_instants()[0], found.zone)} before the question and after the answer: "
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
