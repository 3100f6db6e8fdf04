"""The notices that some process can order, by line of business."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.vocabulary import MEDICARE_LOBS, STAY_NOTICES, Lob, NoticeKind

MEDICARE_FORMS = frozenset(
    {NoticeKind.IMPORTANT_MESSAGE, NoticeKind.MOON, NoticeKind.NOMNC, NoticeKind.DENC, NoticeKind.DND}
)
"""Forms that only Medicare Advantage owes."""
FILING_LOBS = frozenset({Lob.COMMERCIAL_ERISA, Lob.COMMERCIAL_ACA, Lob.QHP})
"""Lines of business whose law knows a claim that was not properly filed."""
_ONLY_FOR = {
    **dict.fromkeys(MEDICARE_FORMS, frozenset({Lob.MEDICARE_ADVANTAGE})),
    NoticeKind.DISMISSAL: MEDICARE_LOBS,
    NoticeKind.IMPROPER_FILING: FILING_LOBS,
    NoticeKind.OTHER_BENEFIT: MEDICARE_LOBS,
}
_NOT_ORDERED = {
    Lob.PART_D: frozenset({NoticeKind.EXTENSION}) | STAY_NOTICES,
    Lob.MEDICARE_ADVANTAGE: frozenset({NoticeKind.REDUCTION_NOTICE}),
}
"""Notices that no process orders: Part D knows no extension and has no stays, and Medicare ends care with its own forms."""


def reachable_notices(lobs: Iterable[Lob]) -> Iterator[tuple[NoticeKind, Lob]]:
    """Every notice that a process can order under these lines of business."""
    for lob in sorted(lobs):
        for kind in NoticeKind:
            if lob in _ONLY_FOR.get(kind, (lob,)) and kind not in _NOT_ORDERED.get(lob, frozenset()):
                yield kind, lob
