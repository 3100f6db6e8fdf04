"""Registry of the forms of all processes, by the kind of task that each form completes."""

from __future__ import annotations

from domain.appeals import forms as appeal_forms
from domain.authorization.benefit_reviews import forms as benefit_forms
from domain.authorization.grievances import expedited
from domain.callbacks import forms as callback_forms
from domain.cases import oral_notices
from domain.cases.task_forms import Forms
from domain.cases.tasks import TaskKind
from domain.concerns import forms as concern_forms
from domain.discharge import forms as discharge_forms
from domain.model import Model
from domain.retrospective import forms as retrospective_forms
from domain.stays import message_checks

# One line for each process.
_BY_PROCESS: tuple[Forms, ...] = (
    oral_notices.FORMS,
    benefit_forms.FORMS,
    expedited.FORMS,
    message_checks.FORMS,
    discharge_forms.FORMS,
    concern_forms.FORMS,
    callback_forms.FORMS,
    retrospective_forms.FORMS,
    appeal_forms.FORMS,
)
FORMS: Forms = {kind: form for forms in _BY_PROCESS for kind, form in forms.items()}


def form_for(kind: TaskKind) -> type[Model] | None:
    """The form that completes a task of this kind; None for a kind that has none."""
    return FORMS.get(kind)
