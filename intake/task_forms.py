"""The forms of all processes, by the kind of task that they finish: what the edge needs to ask for them and to send them."""

from __future__ import annotations

from domain import callback_forms, concern_forms, discharge_forms, retrospective_forms, stay_checks
from domain.forms import Forms
from domain.model import Model
from domain.tasks import TaskKind

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
