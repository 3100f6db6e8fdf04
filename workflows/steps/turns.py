"""Turn of a case's journal entries among those of all cases, where they queue up."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import Priority

from engine import options, priorities


class JournalOptions(options.ActivityOptions):
    priority: Priority


def of_journal() -> JournalOptions:
    """The options of an activity that writes the journal: at once where somebody waits for the answer to an update, else in
    the turn of the case."""
    awaited = not workflow.all_handlers_finished()
    return {**options.JOURNAL, "priority": priorities.PEOPLE if awaited else Priority.default}
