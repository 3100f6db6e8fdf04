"""Requests for information: alternatives within alternatives are told as the rule has them; its words are no placeholders."""

from __future__ import annotations

from datetime import date

from activities.letters.request_context import asked_branch
from domain.criteria.evaluation import evaluate
from domain.criteria.guideline_test_cases import facts_of_test_case
from domain.letters.context import AskedBranch, AskedFact, AskedGroup, LetterContext
from domain.vocabulary import Audience, Lob, NoticeKind, ServiceKind
from rulebook.guidelines import load_criteria, load_dictionary
from rulebook.notice_rules import NoticeBook
from templates.letter_page import build_letter_page, question_text
from templates.rendering import render_letter
from tests.templates.letter_contexts import context

BOOK = NoticeBook.load()
CRITERIA = load_criteria()
TODAY = date(2026, 3, 10)


def fact(ask: str) -> AskedFact:
    return AskedFact(fact_id="a.b", ask=ask)


def letter(*groups: AskedGroup) -> LetterContext:
    asked = context(NoticeKind.INFORMATION_REQUEST, Audience.PROVIDER, Lob.MEDICARE_ADVANTAGE)
    return asked.model_copy(update={"asked": groups})


def written(*groups: AskedGroup) -> tuple[str, str]:
    """Text and page of an information request."""
    rule = BOOK.rule(NoticeKind.INFORMATION_REQUEST, Audience.PROVIDER, Lob.MEDICARE_ADVANTAGE)
    rights = BOOK.rights(Lob.MEDICARE_ADVANTAGE, ServiceKind.MEDICAL)
    rendered = render_letter(letter(*groups), rule, rights)
    return rendered.text, rendered.html


def of_guideline(guideline_id: str, name: str) -> tuple[AskedGroup, ...]:
    """The groups that a worked example of a shipped guideline leaves open."""
    found = next(each for each in CRITERIA.guidelines if each.id == guideline_id)
    vector = next(each for each in found.tests if each.name == name)
    verdict = evaluate(found, CRITERIA.dictionary, facts_of_test_case(vector, CRITERIA.dictionary, TODAY), TODAY)
    return tuple(
        AskedGroup(
            line_id="1",
            title=group.title or group.criterion,
            any_one_of=False,
            options=((fact("x"),),),
            tree=asked_branch(group, CRITERIA.dictionary),
        )
        for group in verdict.missing
    )


STRAIN = AskedBranch(title="A sign of strain", enough=1, items=(fact("Swelling?"), fact("Hematocrit?")))
BORDERLINE = AskedBranch(title="Borderline low oxygen", items=(fact("Saturation?"), STRAIN))


def test_an_alternative_inside_a_branch_is_told_as_an_alternative() -> None:
    tree = AskedBranch(enough=1, items=(fact("Sleep study?"), BORDERLINE))
    group = AskedGroup(line_id="1", title="Low oxygen", any_one_of=True, options=((fact("Sleep study?"),),), tree=tree)
    text, page = written(group)
    told = text[text.index("One of these is enough:") :]
    assert told.startswith(
        "One of these is enough:\n"
        "* Sleep study?\n"
        "* Borderline low oxygen (all of these):\n"
        "  - Saturation?\n"
        "  - A sign of strain (one of these):\n"
        "    - Swelling?\n"
        "    - Hematocrit?\n"
    )
    inner = "<li>A sign of strain (one of these):<ul><li>Swelling?</li>"
    assert inner in "".join(part.strip() for part in page.splitlines())


def test_so_many_of_several_are_told_with_their_number() -> None:
    tree = AskedBranch(enough=2, items=(fact("One?"), fact("Two?"), fact("Three?")))
    group = AskedGroup(line_id="1", title="Signs", any_one_of=False, options=((fact("One?"),),), tree=tree)
    assert build_letter_page(letter(group)).asked[0].lead == "At least 2 of these:"


def test_the_oxygen_rule_asks_for_one_sign_of_strain_and_not_for_all() -> None:
    text, _ = written(*of_guideline("OXY", "saturation 91 and nothing else"))
    lines = text.splitlines()
    place = next(i for i, line in enumerate(lines) if "A sign of strain (one of these):" in line)
    depth = len(lines[place]) - len(lines[place].lstrip())
    below = lines[place + 1 :]
    signs = [line for line in below if line.startswith(" " * (depth + 2) + "- ")]
    assert [sign.split()[1] for sign in signs[:3]] == ["Dependent", "Pulmonary", "Hematocrit"]


def test_a_branch_is_asked_whole_also_where_another_asks_for_the_same() -> None:
    (tree,) = (group.tree for group in of_guideline("ICD", "nothing known of the reason"))
    assert tree is not None and tree.enough == 1
    weak = [item for item in tree.items if isinstance(item, AskedBranch) and "poor blood flow" in (item.title or "")]
    asked = [one.fact_id for one in weak[0].items if isinstance(one, AskedFact)]
    assert "icd.sdm" in asked


def test_a_heading_of_the_rule_may_begin_with_none() -> None:
    group = AskedGroup(
        line_id="1", title="None of the uses that are not covered", any_one_of=False, options=((fact("Chest pain?"),),)
    )
    assert "None of the uses that are not covered" in written(group)[0]


def test_no_question_of_the_dictionary_says_its_unit_twice_or_in_a_second_bracket() -> None:
    long_words = {"mg": "milligram", "kg": "kilogram", "cm": "centimeter", "%": "percentage"}
    for known in load_dictionary().facts:
        said = question_text(AskedFact(fact_id=known.id, ask=known.ask, unit=known.unit))
        if said != known.ask:
            assert ") (" not in said, said
            assert (word := long_words.get(known.unit or "")) is None or word not in known.ask.lower(), said
