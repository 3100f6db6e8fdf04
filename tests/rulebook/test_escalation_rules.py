from __future__ import annotations

from pathlib import Path

import pytest

from domain.cases.escalation_ladders import EscalationAction
from domain.cases.tasks import TaskKind
from domain.vocabulary import Role
from rulebook.escalations import load_escalation_ladders
from rulebook.yamlfile import RulebookErrors

LADDERS = load_escalation_ladders()


@pytest.mark.parametrize("role", list(Role))
def test_every_task_is_watched_to_its_end_by_compliance(role: Role):
    for kind in TaskKind:
        last = LADDERS.for_task(kind.value, role).steps[-1]
        assert (last.share_left, last.to, last.action) == (0, Role.COMPLIANCE, EscalationAction.REPORT_MISSED)


def test_the_ladder_goes_from_the_owner_to_supervisor_medical_director_and_compliance():
    steps = LADDERS.for_task(TaskKind.NURSE_REVIEW.value, Role.NURSE).steps
    told = [(step.share_left, step.to.value) for step in steps]
    assert told == [(0.5, "owner"), (0.25, "supervisor"), (0.1, "medical_director"), (0, "compliance")]


def test_nobody_takes_over_a_medical_directors_task_from_below():
    steps = LADDERS.for_task(TaskKind.PHYSICIAN_REVIEW.value, Role.MEDICAL_DIRECTOR).steps
    assert EscalationAction.TAKE_OVER not in {step.action for step in steps}


def test_a_wrong_ladder_is_refused_with_its_place(tmp_path: Path):
    path = tmp_path / "escalations.yaml"
    path.write_text(
        "ladders:\n- ladder_id: a\n  steps:\n  - {share_left: 1.5, to: boss, action: shout, says: x}\n",
        encoding="utf-8",
    )
    with pytest.raises(RulebookErrors) as refused:
        load_escalation_ladders(path)
    keys = {error.key for error in refused.value.errors}
    assert keys == {"ladders[0].steps[0].share_left", "ladders[0].steps[0].to", "ladders[0].steps[0].action"}
    assert {error.line for error in refused.value.errors} == {4}
