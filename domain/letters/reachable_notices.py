"""The notices that some process can order, by line of business."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.vocabulary import STAY_NOTICES, Lob, NoticeKind

MEDICARE_FORMS = frozenset(
    {NoticeKind.IMPORTANT_MESSAGE, NoticeKind.MOON, NoticeKind.NOMNC, NoticeKind.DENC, NoticeKind.DND}
)
"""Forms that only Medicare Advantage owes."""
_HAS_PART_B_OR_D = frozenset({Lob.MEDICARE_ADVANTAGE, Lob.PART_D})
_NOT_ORDERED = {
    Lob.PART_D: frozenset({NoticeKind.EXTENSION}) | STAY_NOTICES,
    Lob.MEDICARE_ADVANTAGE: frozenset({NoticeKind.REDUCTION_NOTICE}),
}
"""Notices that no process orders: Part D knows no extension and has no stays, and Medicare ends care with its own forms."""


def reachable_notices(lobs: Iterable[Lob]) -> Iterator[tuple[NoticeKind, Lob]]:
    """Every notice that a process can order under these lines of business."""
    for lob in sorted(lobs):
        for kind in NoticeKind:
            medicare_only = kind in MEDICARE_FORMS and lob is not Lob.MEDICARE_ADVANTAGE
            medicare_only = medicare_only or (kind is NoticeKind.OTHER_BENEFIT and lob not in _HAS_PART_B_OR_D)
            if not medicare_only and kind not in _NOT_ORDERED.get(lob, frozenset()):
                yield kind, lob
