"""Questions to a clinic in lines, in the words of the letter that puts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.letters.context import AskedGroup


def question_lines(groups: Iterable[AskedGroup]) -> Iterator[str]:
    """The lines of numbered questions, each fact with its id in brackets."""
    from templates.letter_page import requested_items

    for number, group in enumerate(groups, 1):
        items = requested_items(group)
        yield f"{number}. {items.title}"
        if items.before:
            yield f"   {items.before}"
        facts = [tuple(fact.fact_id for fact in option) for option in group.options]
        if group.none_of:
            facts = [(fact,) for option in facts for fact in option]
        for choice, ids in zip(items.choices, facts, strict=True):
            yield f"   - {'; and: '.join(choice)}  [{', '.join(ids)}]"
        if items.instead:
            yield f"   {items.before_instead} {'; '.join(items.instead)}"
