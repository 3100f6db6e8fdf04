"""Letter orders as earlier releases wrote them: activities that were scheduled before an upgrade still carry them.

An order on a request had all its facts beside the common fields, those of other notices empty; an order about a stay had
the member beside its facts. Whatever is not in the old shape passes unchanged.
"""

from __future__ import annotations

from typing import Any

from domain.letters.request_facts import MissingInformation, RequestDetails, RequestFacts
from domain.model import Model
from domain.vocabulary import NoticeKind

_COMMON = ("case_id", "notice", "round", "plan_id", "lob", "state", "zone", "now")
_FACTS_OF: dict[NoticeKind, type[RequestFacts]] = {
    facts.model_fields["kind"].default: facts for facts in RequestFacts.__subclasses__()
}


def translate_order(order: Any) -> Any:
    """One order in today's shape."""
    if not isinstance(order, dict):
        return order
    if "request_version" in order:
        return _translate_request_order(order)
    if "member_id" not in order:
        return order
    rest = {name: value for name, value in order.items() if name != "member_id"}
    return rest | {"facts": {**order["facts"], "kind": "stay", "member_id": order["member_id"]}}


def translate_record_input(order: Any) -> Any:
    """The input of `record` with one list of letters; stays had a list of their own."""
    if not isinstance(order, dict) or "stay_letters" not in order:
        return order
    rest = {name: value for name, value in order.items() if name != "stay_letters"}
    return rest | {"letters": (*order.get("letters", ()), *order["stay_letters"])}


def _translate_request_order(order: dict[str, Any]) -> dict[str, Any]:
    """The facts of the notice under their old names; those of other notices were empty."""
    facts = {"kind": order["notice"], "request": _pick(order, RequestDetails)}
    model = _FACTS_OF[NoticeKind(order["notice"])]
    if "missing" in model.model_fields:
        facts["missing"] = _pick(order, MissingInformation)
    return {name: order[name] for name in _COMMON if name in order} | {"facts": _pick(order, model) | facts}


def _pick(order: dict[str, Any], model: type[Model]) -> dict[str, Any]:
    return {name: order[name] for name in model.model_fields if name in order}
