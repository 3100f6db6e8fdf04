"""Ways out of a refusal as links that do it. Rules say the remedy in words for every face; commands of the terminal are no
words for a page, so here each rule whose remedy names one has its own, and no page ever shows a command."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.errors import RuleViolation
from web.presentation.instants import respell_instants


@dataclass(frozen=True)
class WayOut:
    """The remedy in words, and the links that do it: address and words."""

    words: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ShownRefusal:
    """A rule that stands against an act: its message, its id, and the way out."""

    rule: str
    message: str
    way: WayOut


CASE, TASK = "{case}", "{task}"
_TO_CASE = (f"/cases/{CASE}", "Open the case")
_DOCUMENTS = (f"/cases/{CASE}#h-ev", "Open the documents")
_ACTS = (f"/cases/{CASE}/acts", "Other acts on this case")
_PEER_TO_PEER = (f"/cases/{CASE}/peer-to-peer", "Open the peer-to-peer")
_DECISION = (f"/tasks/{TASK}/decision", "Open the decision")
_WORKLIST = ("/worklist", "Back to the worklist")
_HAND_OVER = (f"/worklist/hand-over?task={TASK}", "Hand it over")
_WAYS: dict[str, tuple[str | None, tuple[tuple[str, str], ...]]] = {
    # rule: the words for pages (None: those of the rule), and the links
    "access": ("Sign in under your own account.", (_WORKLIST,)),
    "approval.criteria": (None, (_TO_CASE,)),
    "approval.rationale": (None, ()),
    "benefit.limit": (None, ((f"/cases/{CASE}?task={TASK}&outcome=refer#task", "Refer it to a physician"),)),
    "benefit.provision": (None, ((f"/cases/{CASE}?task={TASK}&outcome=refer#task", "Refer it to a physician"),)),
    "case.closed": (None, (_TO_CASE,)),
    "change.not_open": (None, (_ACTS,)),
    "clock.no_time": (None, ((f"/cases/{CASE}?task={TASK}&outcome=refer#task", "Refer it to a physician"),)),
    "decision.adverse_needs_signature": (None, ((f"/cases/{CASE}?task={TASK}&outcome=refer#task", "Refer it"),)),
    "decision.evidence": ("Open each document, to its last page.", (_DOCUMENTS,)),
    "decision.conflict": (None, (_HAND_OVER,)),
    "decision.criteria": (None, (_DECISION,)),
    "decision.lines": (None, (_DECISION,)),
    "decision.reason": (None, (_DECISION,)),
    "decision.record_unopened": ("Open each document, to its last page, then sign.", (_DOCUMENTS,)),
    "decision.records_not_on_case": (None, (_DOCUMENTS,)),
    "decision.training": (None, (_HAND_OVER,)),
    "decision.not_adverse": (
        "Approve it: that needs no signature.",
        ((f"/cases/{CASE}?task={TASK}&outcome=approve#task", "Approve it"),),
    ),
    "decision.unsigned": (None, (_DECISION,)),
    "information.open": (None, (_TO_CASE,)),
    "record.restricted": (None, (_TO_CASE,)),
    "reviewer.active": (None, (_WORKLIST,)),
    "reviewer.unknown": ("Sign in under your own account.", (_WORKLIST,)),
    "statement.document": (
        "Name a document that is on the case, add it there first, or write a note of what was said.",
        (_DOCUMENTS,),
    ),
    "task.claimed": ("Read it, or take the next one like it.", (_TO_CASE, _WORKLIST)),
    "task.ended": (None, (_TO_CASE, _WORKLIST)),
    "task.form": ("Correct the fields that are named.", ()),
    "task.inbox": ("See what arrived, and resolve it there.", ((f"/inbox/{TASK}", "Open the arrival"),)),
    "task.licence": (None, (_HAND_OVER,)),
    "task.license_state": (None, (_HAND_OVER,)),
    "task.not_yours": (None, (_TO_CASE,)),
    "task.role": (None, (_HAND_OVER,)),
    "task.specialty": (None, (_HAND_OVER,)),
    "task.training": (None, (_HAND_OVER,)),
    "task.unclaimed": ("Claim it first.", ((f"/cases/{CASE}?task={TASK}#task", "Claim it"),)),
    "task.unknown": (None, (_TO_CASE,)),
}
_SIGNER_RULES = "DEC-"
"""The beginning of the ids of rules on who may sign, which the rulebook names with their citation."""
_OFFER = ".peer_to_peer"
_COMMAND = re.compile(r"umpire |--[a-z]|UMPIRE_|TEMPORAL_")
_SENTENCES = re.compile(r"(?<=[.;])\s+")
_ELSE = "Ask a supervisor, or look at the case for what is open."


def way_out(refusal: RuleViolation, case_id: str = "", task_id: str = "") -> WayOut:
    """The way out of a refusal for a page about this case and task."""
    words, links = _found(refusal.rule)
    return WayOut(words or words_for_pages(refusal.way_out), tuple(_made(links, case_id, task_id)))


def shown_refusals(refusals: Iterable[RuleViolation], case_id: str = "", task_id: str = "") -> tuple[ShownRefusal, ...]:
    """The refusals as the page shows them, each rule with its sentence once."""
    once = dict.fromkeys((one.rule, one.message, one.way_out) for one in refusals)
    unique = (RuleViolation(rule=rule, message=message, way_out=way) for rule, message, way in once)
    return tuple(ShownRefusal(one.rule, words_for_pages(one.message), way_out(one, case_id, task_id)) for one in unique)


def words_for_pages(said: str) -> str:
    """The words without the sentences that name commands or variables of the terminal."""
    said = respell_instants(said)
    if not _COMMAND.search(said):
        return said
    kept = [one for one in _SENTENCES.split(said) if not _COMMAND.search(one)]
    return " ".join(kept).rstrip(";") or _ELSE


def _found(rule: str) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """The way out of the rule, or of the rule that it is a part of."""
    if rule.endswith(_OFFER):
        return None, (_PEER_TO_PEER,)
    if rule.startswith(_SIGNER_RULES):
        return None, (_HAND_OVER,)
    parts = rule.split(".")
    for length in range(len(parts), 0, -1):
        if (found := _WAYS.get(".".join(parts[:length]))) is not None:
            return found
    return None, ()


def _made(links: tuple[tuple[str, str], ...], case_id: str, task_id: str) -> Iterable[tuple[str, str]]:
    """The links to this case and task; without those that need what is not known here."""
    for address, words in links:
        if (CASE in address and not case_id) or (TASK in address and not task_id):
            continue
        yield address.replace(CASE, case_id).replace(TASK, task_id), words
