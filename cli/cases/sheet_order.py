"""In which order the fields of a sheet are read: that of its process's own view. The store keeps them by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.terminal.field_shapes import inside
from domain.callbacks.views import CallbackView
from domain.cases.views import ProcessKind, Sheet
from domain.concerns.views import ConcernView
from domain.discharge.views import DischargeSheet
from domain.model import Model
from domain.stays.views import StayView

# Each process brings its own view; one line adds it. A sheet without one is shown as it is stored.
VIEWS: dict[ProcessKind, type[Model]] = {
    ProcessKind.STAY: StayView,
    ProcessKind.DISCHARGE_PLAN: DischargeSheet,
    ProcessKind.CALLBACK: CallbackView,
    ProcessKind.CONCERN: ConcernView,
}


def in_order(sheet: Sheet) -> dict[str, Any]:
    """The content of a sheet in its view's order, and what the view does not know (from another release) behind it."""
    view = VIEWS.get(sheet.process)
    return dict(sheet.content) if view is None else _ordered(sheet.content, view)


def _ordered(content: Mapping[str, Any], view: type[Model]) -> dict[str, Any]:
    names = [name for name in view.model_fields if name in content]
    names += [name for name in content if name not in view.model_fields]
    return {name: _inner(content[name], view, name) for name in names}


def _inner(value: Any, view: type[Model], name: str) -> Any:
    field = view.model_fields.get(name)
    model, is_list = inside(field.annotation) if field is not None else (None, False)
    if model is None:
        return value
    if is_list and isinstance(value, list):
        return [_ordered(one, model) if isinstance(one, Mapping) else one for one in value]
    return _ordered(value, model) if isinstance(value, Mapping) else value
