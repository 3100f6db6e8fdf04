"""Remarks of the reading: what of a request was not understood or left out, for the people who work on it."""

from __future__ import annotations

from collections.abc import Iterable

from domain.model import Model

URGENCY_RULE = "umpire-urgency"
"""The rule of a remark on an urgency that was not understood."""


class ReadingRemark(Model):
    """One remark: the path in the document, the rule, and what was not read. Holds no health information.

    `about_service` when it is about what is asked for: then no rule answers the line, because part of the request would stay
    without an answer. `line_id` is None for a remark about the whole request.
    """

    path: str
    rule: str
    message: str
    expected: str | None = None
    line_id: str | None = None
    about_service: bool = False

    def __str__(self) -> str:
        line = f"line {self.line_id}: " if self.line_id is not None else ""
        return line + self.message

    @property
    def key(self) -> tuple[str, str, str | None]:
        """The same remark on another version of the document, where paths differ, has the same key."""
        return self.rule, self.message, self.line_id


def add_remarks(prior: Iterable[ReadingRemark], new: Iterable[ReadingRemark]) -> tuple[ReadingRemark, ...]:
    """Both, each remark once."""
    return tuple({remark.key: remark for remark in (*prior, *new)}.values())


def on_the_whole(remarks: Iterable[ReadingRemark]) -> tuple[ReadingRemark, ...]:
    """The remarks without their lines, for another request that has lines of its own."""
    return tuple(remark.model_copy(update={"line_id": None}) for remark in remarks)


def merge_remarks(
    prior: Iterable[ReadingRemark], new: Iterable[ReadingRemark], lines_read: frozenset[str]
) -> tuple[ReadingRemark, ...]:
    """The remarks after a change that reads these lines anew. What it says of the whole request replaces the earlier words on
    the service; remarks on evidence stay, because a later document does not say that an earlier one was read."""
    kept = (
        remark
        for remark in prior
        if not (remark.line_id in lines_read or (remark.line_id is None and remark.about_service))
    )
    return add_remarks(kept, new)
