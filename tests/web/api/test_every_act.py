"""The command line beside the API: what people do by a command, programs do by a route, or a reason says why not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from typer.main import get_command

from cli.main import app
from web.act_commands import ACTS, PEER_TO_PEER
from web.api.app import ROUTERS

_MACHINE = "It runs, mends or measures the installation itself, which whoever runs the machine does there."
_RULES = "The rulebook is files, which their authors check where they write them; its use is in the lists of criteria."
_KEYS = "Accounts and keys are given by whoever runs the machine: no key makes another."

ROUTES: dict[str, str] = {
    "submit": "POST /submissions",
    "facts": "GET /facts",
    "admit": "POST /submissions",
    "cases": "GET /cases",
    "find": "GET /find",
    "stays": "GET /stays",
    "show": "GET /cases/{case_id}",
    "clocks": "GET /cases/{case_id}/clocks",
    "letter": "GET /cases/{case_id}/letters/{letter_id}",
    "record": "GET /cases/{case_id}/documents/{document_id}/content",
    "note": "POST /cases/{case_id}/acts/note",
    "contact": "POST /cases/{case_id}/acts/contact",
    "add-document": "POST /cases/{case_id}/documents",
    "withdraw": "POST /cases/{case_id}/acts/withdraw",
    "reinstate": "POST /cases/{case_id}/acts/reinstate",
    "authorization show": "GET /authorizations",
    "authorization dates": "POST /cases/{case_id}/acts/dates",
    "authorization provider": "POST /cases/{case_id}/acts/provider",
    "authorization place": "POST /cases/{case_id}/acts/place",
    "authorization more": "POST /cases/{case_id}/acts/more",
    "authorization correct": "POST /cases/{case_id}/acts/correct",
    "authorization void": "POST /cases/{case_id}/acts/void",
    "authorization end": "POST /cases/{case_id}/acts/end",
    "appeal": "POST /cases/{case_id}/acts/appeal",
    "appeals": "GET /cases",
    "reopen": "POST /cases/{case_id}/acts/reopen",
    "dismiss": "POST /cases/{case_id}/acts/dismiss",
    "vacate": "POST /cases/{case_id}/acts/vacate",
    "not-covered": "POST /cases/{case_id}/acts/not-covered",
    "forward": "POST /cases/{case_id}/acts/forward",
    "grievance": "POST /cases/{case_id}/acts/grievance",
    "not-filed": "POST /cases/{case_id}/acts/not-filed",
    "expedite": "POST /cases/{case_id}/acts/expedite",
    "retro submit": "POST /submissions",
    "retro raise-concern": "POST /retrospective-reviews/{case_id}/concerns",
    "retro refer-to-compliance": "POST /retrospective-reviews/{case_id}/compliance-referrals",
    "retro finding add": "POST /retrospective-reviews/{case_id}/findings",
    "retro finding list": "GET /findings",
    "worklist": "GET /worklist",
    "claim": "POST /tasks/{task_id}/claim",
    "release": "POST /tasks/{task_id}/release",
    "reassign": "POST /tasks/{task_id}/reassign",
    "complete": "POST /tasks/{task_id}/complete",
    "extend": "POST /cases/{case_id}/acts/extend",
    "peer-to-peer": "POST /cases/{case_id}/acts/peer-to-peer",
    "concern raise": "POST /concerns",
    "concern list": "GET /concerns",
    "callback log": "POST /callbacks",
    "callback list": "GET /callbacks",
    "disclosures": "GET /oversight/criteria-disclosures",
    "stay update": "POST /stays/{case_id}/updates",
    "stay reconsider": "POST /stays/{case_id}/second-looks",
    "stay propose-reduction": "POST /stays/{case_id}/reductions",
    "stay avoidable-day": "POST /stays/{case_id}/avoidable-days",
    "stay qio-update": "POST /discharge-plans/{case_id}/qio-updates",
    "inbox": "GET /inbox",
    "inbox show": "GET /inbox/{inbox_id}",
    "inbox resolve": "POST /inbox/{inbox_id}/resolve",
    "inbox forward": "POST /inbox/{inbox_id}/forward",
}
"""The route of each command; of several that do the same, one."""
REASONS: dict[str, str] = {
    "up": _MACHINE,
    "demo": _MACHINE,
    "listen": _MACHINE,
    "reconcile": _MACHINE,
    "inbox retry": "Running workers do it by themselves.",
    "schema": "The OpenAPI document has the shapes of the API; the plain formats stand in the docs.",
    "account": _KEYS,
    "api-key": _KEYS,
    "journal": _MACHINE,
    "backup": _MACHINE,
    "restore": _MACHINE,
    "keys": _MACHINE,
    "codec": _MACHINE,
    "doctor": _MACHINE,
    "releases": _MACHINE,
    "retention": _MACHINE,
    "schedules": _MACHINE,
    "search-attributes": _MACHINE,
    "rulebook": _RULES,
    "store": _MACHINE,
}
"""Commands and groups of commands without a route, each with its reason."""


def _commands(group: Any, before: tuple[str, ...] = ()) -> Iterator[str]:
    for name in group.commands:
        command, path = group.commands[name], (*before, name)
        if hasattr(command, "commands"):
            if command.invoke_without_command:
                yield " ".join(path)
            yield from _commands(command, path)
        else:
            yield " ".join(path)


def _routes() -> set[str]:
    found = (route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute))
    return {f"{method} {route.path}" for route in found for method in route.methods}


COMMANDS = tuple(_commands(get_command(app)))


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_command_does_a_route_does_or_a_reason_says_why_not(command: str) -> None:
    words = command.split()
    reason = next((found for end in range(len(words), 0, -1) if (found := REASONS.get(" ".join(words[:end])))), None)
    assert (command in ROUTES) is not (reason is not None), f"'umpire {command}' needs a route or a reason, not both"
    if command in ROUTES:
        assert ROUTES[command] in _routes()


def test_no_route_or_reason_is_told_of_a_command_that_is_gone() -> None:
    known = {" ".join(one.split()[:end]) for one in COMMANDS for end in range(1, len(one.split()) + 1)}
    assert set(ROUTES) <= set(COMMANDS)
    assert set(REASONS) <= known


def test_every_act_of_the_pages_is_one_of_the_api() -> None:
    assert {f"POST /cases/{{case_id}}/acts/{act.name}" for act in (*ACTS, PEER_TO_PEER)} <= _routes()
