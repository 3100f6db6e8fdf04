"""Renderer of letters: a typed context and its rule in, print-ready HTML and plain text out, or an error.

A letter is checked twice. Before rendering, every required element must have its source in the context, and the case
must be fit for the letter. After rendering, the page and the text are read back: every required element must be marked
on the page and show its facts in both. `LetterIncomplete` names the key of everything that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from domain.errors import LetterIncomplete
from domain.letters.blanks import WordsAndBlanks, parse_words
from domain.letters.context import LetterContext, RenderedLetter
from domain.letters.notice_rules import AppealRights, NoticeRule, is_on_appeal
from domain.vocabulary import APPROVING_OUTCOMES, Audience
from templates.blank_values import BOLD_BLANKS, BlankValues
from templates.letter_checks import LetterIssue, case_issues, page_issues, rule_issues
from templates.rendered_check import extract_text, missing_elements
from templates.required_elements import LAID_OUT_ELEMENTS, Letter
from templates.text_layout import fill, fill_lines, one_blank_line

LETTERS_FOLDER = Path(__file__).resolve().parent / "letters"


@dataclass(frozen=True)
class LetterDraft:
    """A letter as far as its facts reach: page, text, the keys of its required elements, and every issue that keeps it from
    being sent. Never sent itself."""

    audience: Audience
    html: str
    text: str
    required: tuple[str, ...]
    issues: tuple[LetterIssue, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The keys of the required elements that are missing or unfit."""
        found = {key for key, _ in self.issues}
        return tuple(key for key in self.required if key in found)


def render_letter(context: LetterContext, rule: NoticeRule, rights: AppealRights | None) -> RenderedLetter:
    """The letter for this context under this rule; `rights` are those of the case's line of business and service.

    Raises LetterIncomplete, naming the keys of the required elements that are missing or unfit. Nothing is left blank
    and nothing is made up: a letter is complete or it is not made.
    """
    letter = Letter.of(context, rule, rights)
    for findings in _issues_of_case(letter):
        _require_no_issues(letter, findings)
    page, text = _pages(letter)
    for findings in _issues_of_pages(letter, page, text):
        _require_no_issues(letter, findings)
    return RenderedLetter(
        notice=context.notice,
        audience=context.audience,
        subject=_title(letter),
        html=page,
        text=text,
        elements=tuple(element.key for element in letter.required),
        form=rule.form.form_id if rule.form else None,
    )


def draft_letter(context: LetterContext, rule: NoticeRule, rights: AppealRights | None) -> LetterDraft:
    """The same letter with all of its issues, also where it lacks something; without issues it is the one that is sent."""
    letter = Letter.of(context, rule, rights)
    page, text = _pages(letter)
    found = chain(*_issues_of_case(letter), *_issues_of_pages(letter, page, text))
    required = tuple(element.key for element in letter.required)
    return LetterDraft(context.audience, page, text, required, tuple(dict.fromkeys(found)))


def _issues_of_case(letter: Letter) -> Iterator[Iterable[LetterIssue]]:
    """The issues that are known before anything is rendered, one check after the other."""
    yield rule_issues(letter)
    yield _missing_sources(letter)
    yield case_issues(letter)


def _pages(letter: Letter) -> tuple[str, str]:
    """The letter as HTML and as plain text."""
    return _render_form(letter, "html"), one_blank_line(_render_form(letter, "text"))


def _issues_of_pages(letter: Letter, page: str, text: str) -> Iterator[Iterable[LetterIssue]]:
    """The issues of the rendered pages, read back."""
    seen = extract_text(page)
    yield ((key, "it is not on the page") for key in missing_elements(letter, seen, text))
    yield page_issues(letter, seen.text)


def _missing_sources(letter: Letter) -> Iterable[LetterIssue]:
    for element in letter.required:
        if element.words is None and element.key not in LAID_OUT_ELEMENTS:
            yield element.key, "no template lays this element out and the rulebook has no words for it"
        elif not letter.shown[element.key]:
            yield element.key, "its source is missing"
    if letter.rule.tells_rights and letter.rights is None:
        yield "appeal_deadline", "the rights to appeal are not known"


def _require_no_issues(letter: Letter, findings: Iterable[LetterIssue]) -> None:
    found = tuple(dict.fromkeys(findings))
    if found:
        keys = tuple(dict.fromkeys(key for key, _ in found))
        details = "; ".join(dict.fromkeys(f"{key}: {detail}" for key, detail in found))
        raise LetterIncomplete(letter.context.notice, letter.context.audience, keys, details)


def _render_form(letter: Letter, form: str) -> str:
    """The letter in one of its two forms, `html` or `text`."""
    template = environment(form).get_template(f"{letter.context.notice}/{letter.context.audience}.j2")
    elements = {element.key: element for element in letter.required}
    speak, speak_tagline = (_html_words, _html_tagline) if form == "html" else (_text_words, _text_tagline)
    return template.render(
        letter=letter.context,
        rule=letter.rule,
        view=letter.view,
        title=_title(letter),
        needs=elements.__contains__,
        words=lambda key: speak(elements[key].words or "", letter.facts),
        taglines=[(tagline, _spoken(speak_tagline, tagline.words, letter.facts)) for tagline in letter.rule.taglines],
    )


@lru_cache(maxsize=2)
def environment(form: str) -> Environment:
    """The environment of one form. The letters' own templates are the same for both; page and elements differ."""
    made = Environment(
        loader=FileSystemLoader([LETTERS_FOLDER / form, LETTERS_FOLDER]),
        autoescape=form == "html",
        undefined=StrictUndefined,
        finalize=_reject_missing_value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters["fill"] = fill
    made.filters["fill_lines"] = fill_lines
    made.globals["style"] = Markup((LETTERS_FOLDER / "letter.css").read_text(encoding="utf-8"))
    return made


def _reject_missing_value(value: Any) -> Any:
    """Reject a value that is missing; StrictUndefined does not detect None."""
    if value is None:
        raise ValueError("a template prints a value that the context does not have")
    return value


def _title(letter: Letter) -> str:
    partly = any(line.outcome in APPROVING_OUTCOMES for line in letter.context.lines)
    rule = letter.rule
    if is_on_appeal(letter.context) and rule.appeal_title is not None:
        return rule.appeal_partial_title if partly and rule.appeal_partial_title else rule.appeal_title
    if letter.context.care_given and rule.care_given_title is not None:
        return rule.care_given_partial_title if partly and rule.care_given_partial_title else rule.care_given_title
    return rule.partial_title if partly and rule.partial_title else rule.title


def _html_words(words: str, facts: BlankValues) -> Markup:
    """A statement as HTML; dates to act by are bold."""
    parts: list[str] = []
    for text, blank in _escaped(words):
        parts.append(text)
        if blank is not None:
            value = escape(facts[blank] or "")
            parts.append(f"<strong>{value}</strong>" if blank in BOLD_BLANKS else value)
    return Markup("".join(parts))


def _spoken(speak: Callable[[str, tuple[str | None, ...]], str], words: str, facts: BlankValues) -> str:
    """A tagline with its blanks filled. The plan's numbers are the same in every letter, and so is what becomes of them."""
    return speak(words, tuple(facts[blank] for _, blank in parse_words(words) if blank is not None))


@lru_cache(maxsize=1024)
def _html_tagline(words: str, values: tuple[str | None, ...]) -> Markup:
    """A tagline as HTML; its numbers are kept from being reversed in scripts that run from right to left."""
    left = iter(values)
    return Markup(
        "".join(
            text if blank is None else f"{text}<bdi>{escape(next(left) or '')}</bdi>" for text, blank in _escaped(words)
        )
    )


@lru_cache(maxsize=1024)
def _text_tagline(words: str, values: tuple[str | None, ...]) -> str:
    """A tagline as plain text, in lines that fit a page."""
    left = iter(values)
    return fill("".join(text + ((next(left) or "") if blank else "") for text, blank in parse_words(words)))


def _text_words(words: str, facts: BlankValues) -> str:
    return "".join(text + (facts[blank] or "" if blank else "") for text, blank in parse_words(words))


@lru_cache(maxsize=4096)
def _escaped(words: str) -> WordsAndBlanks:
    """The words as `parse_words` gives them, their plain text escaped for HTML and its line ends as breaks."""
    return tuple((str(escape(text)).replace("\n", "<br>"), blank) for text, blank in parse_words(words))
