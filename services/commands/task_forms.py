"""The forms of all processes, by the kind of task that they finish: what the edge needs to ask for them and to send them."""

from __future__ import annotations

from domain.callbacks import forms as callback_forms
from domain.cases.task_forms import Forms
from domain.cases.tasks import TaskKind
from domain.concerns import forms as concern_forms
from domain.discharge import forms as discharge_forms
from domain.model import Model
from domain.retrospective import forms as retrospective_forms
from domain.stays import message_checks as stay_checks

# Each process brings its own; one line adds them.
_BY_PROCESS: tuple[Forms, ...] = (
    stay_checks.FORMS,
    discharge_forms.FORMS,
    concern_forms.FORMS,
    callback_forms.FORMS,
    retrospective_forms.FORMS,
)
FORMS: Forms = {kind: form for forms in _BY_PROCESS for kind, form in forms.items()}


def form_of(kind: TaskKind) -> type[Model] | None:
    """The form that finishes a task of this kind; None for a kind that has none."""
    return FORMS.get(kind)
