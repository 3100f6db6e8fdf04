"""Case numbers of retrospective reviews."""

from __future__ import annotations

from domain.case_numbers import CasePrefix, keyed_number
from domain.retrospective.claim import Claim


def retrospective_id_for(claim: Claim, key: bytes) -> str:
    """The number of a retrospective review, for example ``RR-7K3QX2MDVH5A``: the same claim makes the same review.

    Built from member id, billing provider and the provider's claim number, under the installation's key.
    """
    identity: list[object] = ["claim", claim.member.member_id, claim.billing_provider.npi, claim.claim_number]
    return keyed_number(CasePrefix.RETROSPECTIVE_REVIEW, identity, key)
