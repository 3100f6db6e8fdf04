"""The filters of the worklist, carried from the list through a task to the next one: `list` in an address is its query."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from domain.cases.tasks import TaskKind
from domain.vocabulary import Lob, Urgency
from services.queries.worklists import WorkFilters
from store.worklist.arrivals import CASE_ALERT, UNREAD_SUBMISSION
from web.presentation.words import spell_out

KINDS = sorted((*(kind.value for kind in TaskKind), UNREAD_SUBMISSION, CASE_ALERT), key=spell_out)
PARAMETER = "list"
FILTERS = ("lob", "kind", "urgency", "specialty", "state", "q")
_MOST = 400
"""Letters of a list's query that are carried at most; a longer one filters nothing."""


def name_list(asked: Mapping[str, str]) -> str:
    """The query of the list with these filters alone; empty where nothing is filtered."""
    kept = urlencode({name: asked[name] for name in FILTERS if asked.get(name)})
    return kept if len(kept) <= _MOST else ""


def read_list(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters of the list that an address carries; empty for none."""
    said = asked.get(PARAMETER, "")
    return {name: value for name, value in parse_qsl(said[:_MOST]) if name in FILTERS}


def carry_list(address: str, asked: Mapping[str, str]) -> str:
    """The address with the list that `asked`, the query of the page before, carries."""
    return add_list(address, name_list(read_list(asked)))


def add_list(address: str, kept: str) -> str:
    """The address with this list's query; itself where that is empty."""
    if not kept:
        return address
    place, mark, rest = address.partition("#")
    return f"{place}{'&' if '?' in place else '?'}{urlencode({PARAMETER: kept})}{mark}{rest}"


def read_filters(asked: Mapping[str, str]) -> WorkFilters:
    """The filters that an address names; what it names wrongly does not filter."""
    lob, urgency, kind = (asked.get(name, "").strip() for name in ("lob", "urgency", "kind"))
    return WorkFilters(
        lob=Lob(lob) if lob in set(Lob) else None,
        kind=kind if kind in KINDS else None,
        urgency=Urgency(urgency) if urgency in set(Urgency) else None,
        specialty=asked.get("specialty", "").strip() or None,
        state=asked.get("state", "").strip().upper() or None,
        q=asked.get("q", "").strip() or None,
    )
