from __future__ import annotations

import pytest

from domain.clocks.rules import Confidence
from domain.errors import LetterIncomplete
from domain.letters.blanks import blanks_of
from domain.letters.context import ElementCondition, LetterContext, NoticeElement, RenderedLetter
from domain.letters.notice_rules import AppealRights, NoticeForm, NoticeRule
from rulebook.notice_rules import NoticeBook
from templates.rendered_check import extract_text, missing_elements
from templates.rendering import render_letter
from templates.required_elements import Letter
from tests.templates.letter_contexts import context_for_rule, context_that_needs
from tests.templates.source_removal import BY_RULE, FROM_RIGHTS, TYPED, blankings

BOOK = NoticeBook.load()
RULES = BOOK.rules()
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind}-{rule.audience}-{rule.lob}")


def rights_for(context: LetterContext) -> AppealRights | None:
    return BOOK.rights(context.lob, context.service_kind)


@EACH_RULE
def test_every_notice_can_be_made_from_a_full_context(rule: NoticeRule) -> None:
    context = context_for_rule(rule)
    letter = render_letter(context, rule, rights_for(context))
    assert set(letter.elements) == {element.key for element in rule.required(context)}


@EACH_RULE
def test_a_letter_without_the_source_of_a_required_element_is_not_made(rule: NoticeRule) -> None:
    for element in rule.elements:
        context = context_that_needs(rule, element)
        for blank in blankings(element):
            with pytest.raises(LetterIncomplete) as refused:
                render_letter(blank(context), _only(rule, element), rights_for(context))
            assert element.key in refused.value.missing, f"{element.key} was not named"


@EACH_RULE
def test_a_letter_that_tells_rights_to_appeal_is_not_made_without_them(rule: NoticeRule) -> None:
    for element in rule.elements:
        context = context_that_needs(rule, element)
        rights = rights_for(context)
        assert rights is not None
        for name in set(blanks_of(element.words or "")) & set(FROM_RIGHTS):
            with pytest.raises(LetterIncomplete) as refused:
                render_letter(context, rule, FROM_RIGHTS[name](rights))
            assert element.key in refused.value.missing, f"{element.key} was not named"


@EACH_RULE
def test_an_element_that_a_template_forgets_is_found_on_the_page(rule: NoticeRule) -> None:
    made: dict[LetterContext, RenderedLetter] = {}
    for element in rule.elements:
        context = context_that_needs(rule, element)
        if context not in made:
            made[context] = render_letter(context, rule, rights_for(context))
        letter, page = Letter.of(context, rule, rights_for(context)), made[context]
        assert not list(missing_elements(letter, extract_text(page.html), page.text))
        forgotten = page.html.replace(f'data-el="{element.key}"', "")
        assert forgotten != page.html
        assert element.key in set(missing_elements(letter, extract_text(forgotten), page.text))
        silent = " ".join(page.text.split()).replace(letter.shown[element.key][0], "")
        assert element.key in set(missing_elements(letter, extract_text(page.html), silent))


@EACH_RULE
def test_every_element_says_where_it_comes_from_and_has_a_known_source(rule: NoticeRule) -> None:
    for element in rule.elements:
        assert element.citations and all(citation.strip() for citation in element.citations)
        assert element.confidence in set(Confidence)
        by_words = element.words is not None and set(blanks_of(element.words)) <= set(FROM_RIGHTS) | TYPED
        assert blankings(element) or element.key in BY_RULE or by_words, f"the tests know no source for {element.key}"


def test_words_that_the_rulebook_lost_stop_the_letter() -> None:
    rule = next(r for r in RULES if any(e.key == "erisa_502a" for e in r.elements))
    silenced = tuple(e.model_copy(update={"words": None}) if e.key == "erisa_502a" else e for e in rule.elements)
    context = context_for_rule(rule)
    with pytest.raises(LetterIncomplete) as refused:
        render_letter(
            context, rule.model_copy(update={"elements": silenced}), BOOK.rights(rule.lob, context.service_kind)
        )
    assert refused.value.missing == ("erisa_502a",)


def test_what_comes_from_the_rule_alone_is_missed_too() -> None:
    rule = next(r for r in RULES if r.form and r.taglines)
    context = context_for_rule(rule)
    rights = BOOK.rights(rule.lob, context.service_kind)
    for key, without in (
        ("cms_form_ids", {"form": None}),
        ("cms_form_ids", {"form": NoticeForm(form_id="CMS-10003", omb=" ", note="")}),
        ("taglines", {"taglines": ()}),
    ):
        with pytest.raises(LetterIncomplete) as refused:
            render_letter(context, rule.model_copy(update=without), rights)
        assert refused.value.missing == (key,)


def _only(rule: NoticeRule, element: NoticeElement) -> NoticeRule:
    """The rule with this element always required and no other of its key: blanking may undo the condition itself."""
    always = element.model_copy(update={"when": ElementCondition.ALWAYS})
    others = (e for e in rule.elements if e.key != element.key)
    return rule.model_copy(update={"elements": (always, *others)})
