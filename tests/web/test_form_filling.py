"""Filling of a page's forms with what was typed before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.web.pages_read import sent_by
from web.form_filling import fill_forms

PAGE = """<!doctype html><html><!-- a note --><body><p>A &amp; B &#8250; <b>C</b><br></p>
<form method="post" action="/one"><input type="hidden" name="csrf" value="new"><input name="line" value="old">
<input name="line"><textarea name="why">
before</textarea><input type="radio" name="way" value="a" checked><input type="radio" name="way" value="b">
<input type="checkbox" name="sure" value="on" checked><input type="password" name="password">
<select name="unit"><option value="mm" selected>mm<option value="cm">cm</select></form>
<form method="post" action="/two"><input name="line" value="theirs"></form>
<input form="x" name="line" value="free"></body></html>"""


def test_a_page_without_that_form_stays_as_it_is() -> None:
    assert fill_forms(PAGE, "/three", {"line": ["typed"]}) == PAGE


def test_the_form_holds_what_was_typed_and_keeps_what_nobody_types() -> None:
    typed = {"line": ["first", "second"], "why": ["because"], "way": ["b"], "unit": ["cm"], "csrf": ["old"]}
    filled = fill_forms(PAGE, "/one", typed)
    assert sent_by(filled) == {
        "csrf": ["new"],
        "line": ["first", "second", "theirs", "free"],
        "why": ["because"],
        "way": ["b"],
        "password": [""],
        "unit": ["cm"],
    }
    assert "A &amp; B &#8250; <b>C</b><br>" in filled
    assert "<!-- a note -->" in filled


def test_a_form_whose_address_carries_a_query_is_the_same_form() -> None:
    page = PAGE.replace('action="/one"', 'action="/one?list=lob%3Dmedicaid"')
    assert sent_by(fill_forms(page, "/one", {"line": ["first"]}))["line"][0] == "first"


def test_a_form_that_one_of_its_buttons_sends_elsewhere_is_filled_in_too() -> None:
    page = PAGE.replace("</form>", '<button formaction="/one/draft">Keep</button></form>', 1)
    assert sent_by(fill_forms(page, "/one/draft", {"line": ["first"]}))["line"] == ["first", "", "theirs", "free"]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_whatever_was_typed_is_text_on_the_page(words: str) -> None:
    filled = fill_forms(PAGE, "/one", {"line": [words, ""], "why": [words]})
    sent = sent_by(filled)
    assert (sent["line"][0], sent["why"]) == (words, [words])
    assert filled.count("<") == PAGE.count("<")
