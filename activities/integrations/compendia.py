"""Port to the drug compendia that Medicare and Medicaid accept. They are licensed, so none is shipped: the slot is empty."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from domain.pharmacy.indications import CompendiumFinding


class Compendia(Protocol):
    """Port that returns what the compendia in `names` (as the law names them) say about a drug for these diagnoses on a day.

    None means that none of them was asked. One that does not answer within a second raises `Unavailable`: then it counts as not
    asked, and a pharmacist or a physician looks.
    """

    def look_up(
        self, names: tuple[str, ...], drug_code: str, diagnoses: tuple[str, ...], day: date
    ) -> CompendiumFinding | None: ...


class NoCompendia:
    """The empty slot: no compendium is asked, so that a pharmacist or a physician looks."""

    def look_up(
        self, names: tuple[str, ...], drug_code: str, diagnoses: tuple[str, ...], day: date
    ) -> CompendiumFinding | None:
        return None
