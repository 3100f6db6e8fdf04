"""Values with a content hash: the same content has the same hash, on any machine and at any time."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any, ClassVar, Self

from domain.journal import canonical_json
from domain.model import Model


class ContentAddressed(Model):
    """A frozen value with a hash over its content. Cached properties are not carried into copies, which may differ."""

    _beside_the_content: ClassVar[frozenset[str]] = frozenset()

    @cached_property
    def content_hash(self) -> str:
        """sha256 (hex) over the canonical JSON; fields at their default are left out."""
        body = self.model_dump(mode="json", exclude=set(self._beside_the_content), exclude_defaults=True)
        return hashlib.sha256(canonical_json(body)).hexdigest()

    def __copy__(self) -> Self:
        copied = super().__copy__()
        copied._forget_cached()
        return copied

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        copied = super().__deepcopy__(memo)
        copied._forget_cached()
        return copied

    def _forget_cached(self) -> None:
        for name in set(self.__dict__) - set(type(self).model_fields):
            del self.__dict__[name]
