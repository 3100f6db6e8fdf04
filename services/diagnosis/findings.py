"""Findings of a diagnosis: each with its place, rule and way out."""

from __future__ import annotations

from enum import StrEnum

from domain.model import Model


class FindingLevel(StrEnum):
    """`fault`: something does not work; `warning`: it works, and is not as production should be."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


class Finding(Model):
    """One thing that was looked at. `way_out` is empty where all is well."""

    level: FindingLevel
    place: str
    rule: str
    message: str
    way_out: str = ""


def ok(place: str, rule: str, message: str) -> Finding:
    return Finding(level=FindingLevel.OK, place=place, rule=rule, message=message)


def warning(place: str, rule: str, message: str, way_out: str) -> Finding:
    return Finding(level=FindingLevel.WARNING, place=place, rule=rule, message=message, way_out=way_out)


def fault(place: str, rule: str, message: str, way_out: str) -> Finding:
    return Finding(level=FindingLevel.FAULT, place=place, rule=rule, message=message, way_out=way_out)
