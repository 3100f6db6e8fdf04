"""Every page that a role may see is found by links and forms from its first page on."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from domain.vocabulary import Role
from services.principals import RIGHTS, Right
from store.session import Store
from tests.web.browsers import WebClient
from tests.web.test_every_route import GUARDED, one_role_each

Browse = Callable[[str | None], WebClient]
__all__ = ["one_role_each"]
_LINK = re.compile(r'<(?:a|link)\b[^>]*\bhref="([^"]+)"')
_FORM = re.compile(r'<form\b(?![^>]*method="post")[^>]*\baction="([^"]+)"')
_CHOSEN = {"/worklist/hand-over", "/oversight/hand-over"}
"""Pages about tasks that were chosen on a list: their link or form is there with the first task."""
FIRST_PAGE = {Right.PROVIDER: "/provider"}
PAGES = {door.path: door.right for door in GUARDED if door.method == "GET" and "{" not in door.path}


async def _found_from(client: WebClient, first: str) -> set[str]:
    waiting, seen = [first], {first}
    while waiting:
        answer = await client.get(waiting.pop())
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for said in (*_LINK.findall(answer.text), *_FORM.findall(answer.text)):
            path = urlsplit(said).path
            if path.startswith("/") and not path.startswith(("/static/", "/sign-", "/api/")) and path not in seen:
                seen.add(path)
                waiting.append(path)
    return seen


@pytest.mark.parametrize("role", list(Role))
async def test_every_page_of_a_role_is_found_by_links_from_the_worklist(
    browse: Browse, plan_store: Store, one_role_each: dict[Role, str], role: Role
) -> None:
    rights = {right for right, roles in RIGHTS.items() if role in roles}
    expected = {path for path, right in PAGES.items() if right in rights} - _CHOSEN
    found = await _found_from(browse(one_role_each[role]), "/worklist")
    assert expected - found == set()


async def test_every_page_of_a_provider_is_found_by_links_from_their_requests(browse: Browse) -> None:
    expected = {path for path, right in PAGES.items() if right is Right.PROVIDER}
    assert expected - await _found_from(browse("1215000013"), "/provider") == set()
