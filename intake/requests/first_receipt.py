"""The same request, arrived before: whether two arrivals ask for the same, so that the first one's receipt counts."""

from __future__ import annotations

from collections.abc import Callable

from domain.requests.numbers import case_id_for
from domain.requests.request import AuthorizationRequest
from interop.reader import read_request
from store.inbox import InboxItem

_ANY_KEY = b"same request"


def same_request(request: AuthorizationRequest) -> Callable[[bytes, InboxItem], bool]:
    """A test whether the bytes of another arrival are this request; it raises NotReadable for what is no request."""

    def is_same(raw: bytes, other: InboxItem) -> bool:
        if request.member.member_id.encode() not in raw:
            return False
        asked = read_request(raw, other.received_at, other.channel).request
        return case_id_for(asked, _ANY_KEY) == case_id_for(request, _ANY_KEY)

    return is_same
