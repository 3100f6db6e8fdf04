"""A caller as staff write them down: what kind of caller, the name, and the organization for which they call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from domain.callbacks.case import CallerKind
from domain.callbacks.forms import require_real_answer
from domain.errors import Refused, RuleViolation, violation
from web.presentation.processes.act_fields import read_text

CALLER_KINDS: tuple[tuple[str, str], ...] = (
    ("member", "The member"),
    ("representative", "The member's representative"),
    ("provider", "A provider"),
    ("other", "Somebody else"),
)


@dataclass(frozen=True)
class Caller:
    """A caller: the kind, the name, the organization (empty for a member)."""

    kind: str
    name: str
    organization: str


def need_caller(typed: Mapping[str, object]) -> Caller:
    """The caller of a form. Raises Refused with every rule: nothing is saved without kind, name and organization. A member
    calls for nobody else."""
    kind, name, organization = (read_text(typed, field) for field in ("kind", "name", "organization"))
    found: list[RuleViolation] = []
    if kind not in get_args(CallerKind):
        found.append(violation("caller.kind", "Who calls is missing.", "Choose it."))
    found += _stand_in("caller.name", "The caller's name", name)
    if kind != "member" or organization:
        found += _stand_in("caller.organization", "The caller's organization", organization)
    if found:
        raise Refused(tuple(found))
    return Caller(kind, name, organization)


def _stand_in(rule: str, what: str, said: str) -> list[RuleViolation]:
    try:
        require_real_answer(said)
    except ValueError as error:
        return [violation(rule, f"{what} {error}.", "Write what was said on the telephone.")]
    return []
