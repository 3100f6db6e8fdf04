"""Field order of a case summary: that of its process's model. The store keeps the fields by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.cases.views import CaseSummary
from domain.form_fields import nested_model
from domain.model import Model
from domain.summaries import SUMMARY_MODELS


def order_fields(sheet: CaseSummary) -> dict[str, Any]:
    """The content of a summary in its model's order, followed by fields that the model lacks (from another release)."""
    view = SUMMARY_MODELS.get(sheet.process)
    return dict(sheet.content) if view is None else _order_content(sheet.content, view)


def _order_content(content: Mapping[str, Any], view: type[Model]) -> dict[str, Any]:
    names = [name for name in view.model_fields if name in content]
    names += [name for name in content if name not in view.model_fields]
    return {name: _order_value(content[name], view, name) for name in names}


def _order_value(value: Any, view: type[Model], name: str) -> Any:
    field = view.model_fields.get(name)
    model, is_list = nested_model(field.annotation) if field is not None else (None, False)
    if model is None:
        return value
    if is_list and isinstance(value, list):
        return [_order_content(one, model) if isinstance(one, Mapping) else one for one in value]
    return _order_content(value, model) if isinstance(value, Mapping) else value
