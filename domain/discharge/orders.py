"""Activity inputs and results of a discharge plan: provider networks and later admissions."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.model import Model


class NetworkInput(Model):
    """The providers to look up in the network of a health plan."""

    plan_id: str
    npis: tuple[str, ...]


class NetworkMembership(Model):
    """Network membership by NPI; providers that the directory does not know are left out."""

    in_network: dict[str, bool]


class AdmissionsInput(Model):
    """The stays to find: those of the member from this instant (UTC) on, without the stay named in `but`."""

    member_id: str
    since: AwareDatetime
    but: str


class LaterAdmission(Model):
    """A later stay: its case, and when the member was admitted or, where unknown, when the stay was received (UTC)."""

    stay_id: str
    admitted_at: AwareDatetime


class LaterAdmissions(Model):
    found: tuple[LaterAdmission, ...]
