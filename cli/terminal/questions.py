"""Questions to a clinic in lines, in the words of the letter that puts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.letters.context import AskedGroup


def question_lines(groups: Iterable[AskedGroup]) -> Iterator[str]:
    """The lines of numbered questions, each fact with its id in brackets."""
    from templates.letter_page import question_text, requested_items

    for number, group in enumerate(groups, 1):
        items = requested_items(group)
        ids = {question_text(fact): f"  [{fact.fact_id}]" for option in group.options for fact in option}
        yield f"{number}. {items.title}"
        if items.lead:
            yield f"   {items.lead}"
        for depth, text in items.rows:
            yield f"   {'  ' * depth}- {text}{ids.get(text, '')}"
        if items.instead:
            yield f"   {items.before_instead} {'; '.join(items.instead)}"
