"""A long letter is checked in one reading, and waiting for it blocks nobody."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from activities.letters import writer
from demo.time_skipping_lab import Lab
from domain.cases.tasks import TaskKind
from templates.rendered_check import RenderedText, missing_elements
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase

MANY = tuple(f"question number {number} about the course of treatment" for number in range(60_000))


@pytest.mark.timeout(20)
def test_a_page_of_sixty_thousand_facts_is_read_once_and_not_for_each_fact() -> None:
    text = " ".join(MANY)
    seen = RenderedText(text, {"asked": text, "short": "question"})
    shown = {"asked": MANY, "short": ("another",), "none": ()}
    letter = cast(Any, SimpleNamespace(shown=shown))
    assert list(missing_elements(letter, seen, text)) == ["short", "none"]


def test_facts_in_another_order_are_found_too() -> None:
    letter = cast(Any, SimpleNamespace(shown={"asked": ("b", "a", "b")}))
    assert list(missing_elements(letter, RenderedText("a b", {"asked": "a b"}), "a b")) == []


async def test_a_letter_is_rendered_before_the_write_begins(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    render, free = writer.render_letter, []

    def write_elsewhere() -> None:
        with lab.store.begin():
            free.append(True)

    def render_while_another_writes(*given: Any) -> Any:
        other = threading.Thread(target=write_elsewhere)
        other.start()
        other.join(timeout=2)
        free.append(not other.is_alive())
        return render(*given)

    monkeypatch.setattr(writer, "render_letter", render_while_another_writes)
    services = LabCase(lab, await lab.open(request(FUSION, known=FUSION_NOT_MET)))
    assert services.task(TaskKind.NURSE_REVIEW).is_open
    assert services.letters() and free and all(free)
