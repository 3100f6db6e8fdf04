"""Case numbers of requests: the same member, services, dates and requester make the same case.

Identifiers travel in workflow ids, which anyone with access to Temporal can read. They are therefore keyed hashes: nobody
without the installation's key can guess a member back from an id.
"""

from __future__ import annotations

from domain.case_numbers import CasePrefix, keyed_number
from domain.requests.request import AuthorizationRequest


def case_id_for(request: AuthorizationRequest, key: bytes, generation: int = 1) -> str:
    """The case number, for example ``PA-7K3QX2MDVH5A``; `generation` distinguishes a renewed request from a withdrawn one.

    Built from member id, requesting provider, service kind and, for each line, code, modifiers, dates and quantity,
    whatever the order of the lines. Sixty bits of HMAC-SHA256 under the installation's key.
    """
    lines = sorted(
        [
            line.code,
            "+".join(sorted(line.modifiers)),
            str(line.start or ""),
            str(line.end or ""),
            format(line.quantity.normalize(), "f") if line.quantity is not None else "",
            line.unit or "",
        ]
        for line in request.lines
    )
    identity: list[object] = [
        request.member.member_id,
        request.requesting_provider.npi,
        request.service_kind.value,
        lines,
        generation,
    ]
    return keyed_number(CasePrefix.REQUEST, identity, key)
