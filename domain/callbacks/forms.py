"""Task forms of a callback. A call record needs the name, title and organization of the person who placed the call.

Staff who place or return calls identify themselves by name, title and organization (NCQA UM 3, access to staff).
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, model_validator

from domain.cases.task_forms import Forms
from domain.cases.tasks import TaskKind
from domain.model import Model

_PLACEHOLDERS = frozenset(
    """
    na none nil null unknown unk test tester testing tbd tba todo name title org organization organisation company plan first
    last firstname lastname yourname mytitle caller staff someone somebody anonymous user foo bar asdf qwerty placeholder same
    asabove seeabove notgiven notapplicable blank empty
    """.split()  # noqa: SIM905
)
_LETTERS = re.compile(r"[^\W\d_]")


def require_real_answer(said: str) -> str:
    """The answer with white space trimmed. Raises ValueError for an empty answer or a placeholder."""
    words = " ".join(said.split())
    letters = "".join(_LETTERS.findall(words)).casefold()
    if not words:
        raise ValueError("has to be given")
    if len(letters) < 2 or len(set(letters)) < 2 or letters in _PLACEHOLDERS or not words[0].isalnum():
        raise ValueError("is only a stand-in: give what was said on the telephone")
    return words


RealAnswer = Annotated[str, AfterValidator(require_real_answer)]
PersonReached = Literal["member", "representative", "provider", "other_person", "answering_machine", "nobody"]
CallOutcome = Literal["answered", "message_left", "no_answer", "wrong_number", "call_again"]


class CallRecord(Model):
    """One call that was placed to return a message. The instant of the call is the stamp of the record."""

    caller_name: RealAnswer = Field(description="Your own name, as you gave it on the telephone.")
    caller_title: RealAnswer = Field(description="Your own title, as you gave it, such as 'Registered Nurse'.")
    caller_organization: RealAnswer = Field(description="The organization in whose name you called, as you gave it.")
    reached: PersonReached = Field(description="Who was reached. No names.")
    outcome: CallOutcome = Field(
        description="The outcome: answered ends the callback, everything else is tried again in the next window."
    )
    said: str | None = Field(
        default=None, description="What was said, as far as it matters (needed when somebody was reached)."
    )
    language_help: str | None = Field(
        default=None,
        description="How the language need was met, such as by an interpreter (needed when there is one).",
    )
    tty_used: bool | None = Field(
        default=None, description="Whether the call was by TTY (needed when the task asks for it)."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        nobody = self.reached in ("nobody", "answering_machine")
        if self.outcome == "answered" and nobody:
            raise ValueError("outcome: a call is answered by somebody; say who was reached")
        if not nobody and not (self.said or "").strip():
            raise ValueError("said: somebody was reached; write down what was said")
        return self


class NotReachedForm(Model):
    """The follow-up for a caller whom no call reached."""

    way: Literal["letter", "portal_message", "through_the_provider", "through_the_representative", "none"] = Field(
        description="Which other way was taken."
    )
    what: str = Field(min_length=1, description="What was done, in a sentence.")
    try_again: StrictBool = Field(description="Whether another call is to be placed in the next window.")


FORMS: Forms = {TaskKind.CALL_BACK: CallRecord, TaskKind.CALLER_NOT_REACHED: NotReachedForm}
