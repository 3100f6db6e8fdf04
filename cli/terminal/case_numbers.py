"""Case numbers as typed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.case_numbers import kind_of
from domain.errors import NotOnFile, Refused, RuleViolation
from domain.vocabulary import ProcessKind
from services import case_lookup
from store.retention import purging


def resolve_case_number(s: Session, said: str) -> str:
    """The typed number of a case of any process, in upper or lower case; an authorization's also without its prefix.

    Raises NotOnFile.
    """
    case_id = case_lookup.normalize_case_number(said)
    if (purged := purging.find_purge(s, case_id)) is not None:
        message = f"The record of {case_id} was purged on {purged:%b} {purged.day}, {purged.year}: its time was over."
        raise NotOnFile(message, f"Its journal's hashes are kept: 'umpire journal verify {case_id}'.")
    if not case_lookup.is_on_file(s, case_id):
        raise NotOnFile(f"There is no case {said}.", "List the cases with 'umpire cases'.")
    return case_id


def resolve_request_number(s: Session, said: str) -> str:
    """The case number of an authorization, for commands that need one. Raises NotOnFile, and Refused for other cases."""
    case_id = resolve_case_number(s, said)
    if kind_of(case_id) is not ProcessKind.REQUEST:
        message, way_out = f"{case_id} is not an authorization.", f"See what it waits for with 'umpire show {case_id}'."
        raise Refused((RuleViolation(rule="case.process", message=message, way_out=way_out),))
    return case_id


def resolve_journal_number(s: Session, said: str) -> str:
    """The typed number of a case whose journal is on file, also when its record was purged. Raises NotOnFile."""
    case_id = case_lookup.normalize_case_number(said)
    return case_id if purging.find_purge(s, case_id) is not None else resolve_case_number(s, said)
