"""Ways out of refusals: links that do it, and never a command of the terminal."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi.routing import APIRoute

from domain.errors import RuleViolation
from tests.paths import ROOT
from web.app import ROUTERS
from web.presentation import ways_out
from web.presentation.ways_out import shown_refusals, words_for_pages
from web.rendering import environment

_MAKERS = {"violation": (0, 1, 2), "refusal": (0, 1, 2), "RuleViolation": ("rule", "message", "way_out")}
_COMMANDS = ("umpire ", "--as", "--form", "UMPIRE_", "TEMPORAL_", "python worker")


def _rules() -> Iterator[RuleViolation]:
    """Every rule that the house can name, with its sentences as far as they stand in the source."""
    for folder in ("domain", "services", "intake", "store", "activities"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
                if isinstance(node, ast.Call) and name in _MAKERS:
                    given = {one.arg: one.value for one in node.keywords} | dict(enumerate(node.args))
                    places = zip(_MAKERS[name], ("rule", "message", "way_out"), strict=True)
                    said = [_text(given.get(place) or given.get(word)) for place, word in places]
                    yield RuleViolation(rule=said[0], message=said[1], way_out=said[2])


def _text(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(one) if isinstance(one, ast.Constant) else "X" for one in node.values)
    return "" if node is None else "X"


def test_no_rule_of_the_house_shows_a_command_on_a_page() -> None:
    found = list(_rules())
    assert len({one.rule for one in found}) > 150
    for one in shown_refusals(found, "PA-1", "PA-1-T1"):
        said = f"{one.message} {one.way.words}"
        assert not any(command in said for command in _COMMANDS), one
        assert one.way.words


@pytest.mark.parametrize(
    ("rule", "address"),
    [
        ("decision.evidence", "/cases/PA-1#h-ev"),
        ("DEC-MA-OD.peer_to_peer", "/cases/PA-1/peer-to-peer"),
        ("task.unclaimed", "/cases/PA-1?task=PA-1-T1#task"),
        ("DEC-MA-OD; 42 CFR 422.566(d)", "/worklist/hand-over?task=PA-1-T1"),
        ("task.form.visits", None),
    ],
)
def test_the_way_out_is_a_link_that_does_it(rule: str, address: str | None) -> None:
    one = RuleViolation(rule=rule, message="No.", way_out="Do it with 'umpire something'.")
    (shown,) = shown_refusals([one], "PA-1", "PA-1-T1")
    assert [link for link, _words in shown.way.links] == ([address] if address else [])


def test_a_link_that_needs_what_is_not_known_is_left_out() -> None:
    one = RuleViolation(rule="decision.evidence", message="Not opened.", way_out="Open it.")
    assert shown_refusals([one])[0].way.links == ()


def test_only_the_sentence_with_a_command_is_left_out() -> None:
    assert words_for_pages("Name one on file. List them with 'umpire facts'.") == "Name one on file."


@pytest.mark.parametrize(("number", "words"), [(1, "One rule stands"), (2, "Two rules stand"), (6, "6 rules stand")])
def test_a_refusal_counts_the_rules_that_stand_against_an_act(number: int, words: str) -> None:
    found = [RuleViolation(rule=f"task.{one}", message="No.", way_out="Do it.") for one in range(number)]
    part = environment().get_template("parts/refusals.html").module.refusals  # type: ignore[attr-defined]
    assert f"{words} against it." in str(part(shown_refusals(found)))


def test_every_way_out_leads_to_a_page_that_there_is() -> None:
    rules = [*ways_out._WAYS, "DEC-MA-OD.peer_to_peer"]
    found = shown_refusals([RuleViolation(rule=one, message=one, way_out="Do it.") for one in rules], "PA-1", "PA-1-T1")
    paths = {urlsplit(address).path for one in found for address, _words in one.way.links}
    pages = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    lost = {
        path for path in paths if not any(route.path_regex.match(path) and "GET" in route.methods for route in pages)
    }
    assert lost == set()
