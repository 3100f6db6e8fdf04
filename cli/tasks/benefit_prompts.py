"""Completion of the review of a benefit limit or exclusion: from a form, or from prompts after its provisions."""

from __future__ import annotations

from typing import Any

from cli.tasks.answers import Answers, GivenOptions
from cli.tasks.form_prompts import ask_fields
from cli.terminal import output
from cli.terminal.context import CliContext
from cli.terminal.files import read_content
from domain.cases.tasks import Task, TaskOutcome
from services.commands import benefit_review, blank_forms, decision_form
from services.commands.benefit_review import BenefitReviewForm


class BenefitForm:
    """The form of a benefit review, with the provisions of the plan file about its line."""

    def __init__(self, here: CliContext, task: Task, given: GivenOptions) -> None:
        self._here, self._task, self._given = here, task, given

    def blank(self) -> dict[str, Any]:
        return blank_forms.blank_form(self._task, BenefitReviewForm)

    def read(self) -> Answers | None:
        given = self._given
        if given.file is not None:
            return self._answers(blank_forms.read_filled_form(read_content(given.file), self._task, BenefitReviewForm))
        if given.outcome is TaskOutcome.RETURN and given.note is not None:
            return self._answers({"result": "returned", "why_returned": given.note})
        return None

    def ask(self) -> Answers:
        given = self._given
        before = self._here.run_with_services(
            lambda services: decision_form.load_worksheet(services, given.task_id, given.user)
        )
        output.print_lines(f"{self._task.task_id}: {self._task.why}", *benefit_review.provision_lines(before))
        return self._answers(ask_fields(BenefitReviewForm))

    def _answers(self, filled: dict[str, Any]) -> Answers:
        form, given = benefit_review.read_benefit_form(filled), self._given
        return Answers(
            lambda services: benefit_review.complete_benefit_review(services, given.task_id, given.user, form),
            form.model_dump_json(indent=2, exclude_none=True),
        )
