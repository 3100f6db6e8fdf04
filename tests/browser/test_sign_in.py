"""The sign-in page and the settings as a person with a keyboard finds them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.site import Site, Visitor

Visit = Callable[..., Visitor]


def _focused(visitor: Visitor) -> str:
    return str(visitor.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))


def test_the_keyboard_goes_from_the_user_to_the_password_to_the_button(site: Site, visit: Visit) -> None:
    nobody = visit(None)
    nobody.open("/sign-in")
    nobody.page.focus("#u")
    found = [_focused(nobody)]
    for _ in range(2):
        nobody.page.keyboard.press("Tab")
        found.append(_focused(nobody))
    assert found == ["u", "p", "Sign in"]


def test_wrong_twice_gives_one_same_message_and_the_right_password_opens_the_page_that_was_asked_for(
    site: Site, visit: Visit
) -> None:
    nobody = visit(None)
    nobody.open("/settings")
    said = []
    for user in ("nobody.at.all", "nurse.lopez"):
        nobody.page.fill("#u", user)
        nobody.page.fill("#p", "a guess")
        with nobody.page.expect_navigation():
            nobody.page.keyboard.press("Enter")
        said.append(nobody.page.inner_text("[role=alert]"))
        assert nobody.faults() == []
    assert said[0] == said[1] == "The user name or the password is wrong."
    nobody.page.fill("#p", "umpire")
    with nobody.page.expect_navigation(url="**/settings"):
        nobody.page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [320, 1440])
def test_the_page_warns_two_minutes_before_the_session_ends_and_one_button_keeps_it(
    site: Site, visit: Visit, width: int
) -> None:
    nurse = visit("nurse.lopez", width=width)
    nurse.page.clock.install()
    nurse.open("/settings")
    assert nurse.faults() == [] and nurse.overflow() == 0
    nurse.page.clock.fast_forward("13:10")
    warning = nurse.page.locator("#session [role=alert]")
    warning.wait_for()
    assert "in 2 minutes" in warning.inner_text()
    assert nurse.faults() == [] and nurse.overflow() == 0
    warning.get_by_role("button", name="Stay signed in").click()
    warning.wait_for(state="detached")
