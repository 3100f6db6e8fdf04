"""What a discharge plan asks of the directory and of the read models, and what comes back."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.model import Model


class NetworkOrder(Model):
    """Are these providers in the network of this plan?"""

    plan_id: str
    npis: tuple[str, ...]


class NetworkStanding(Model):
    """By NPI: in the network or not; what the directory does not know is left out."""

    in_network: dict[str, bool]


class AdmissionsOrder(Model):
    """Which stays of the member began at or after this instant (UTC)? The stay named is not among them."""

    member_id: str
    since: AwareDatetime
    but: str


class SeenAdmission(Model):
    """A later stay: its dossier, and when it was received or, where its sheet says so, when the member was admitted (UTC)."""

    stay_id: str
    admitted_at: AwareDatetime


class Admissions(Model):
    found: tuple[SeenAdmission, ...]
