"""Words of codes, as pages say them."""

from __future__ import annotations

from domain.plain_language.phrases import lob_phrase
from domain.vocabulary import Lob

STATES = (
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY",
    "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH",
    "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
)  # fmt: skip
_KEPT = {
    "ma": "MA",
    "drg": "DRG",
    "qio": "QIO",
    "pcp": "PCP",
    "snf": "SNF",
    "icu": "ICU",
    "irf": "IRF",
    "ltch": "LTCH",
    "cfr": "CFR",
    "p2p": "peer-to-peer",
}


def spell_out(code: str) -> str:
    """A code in words: `nurse_review` becomes 'Nurse review'."""
    found = " ".join(_KEPT.get(word, word) for word in str(code).split("_"))
    return found[:1].upper() + found[1:]


def first_capital(said: str) -> str:
    """The words as a sentence begins; the rest stays as it is."""
    return said[:1].upper() + said[1:]


def end_sentence(said: str) -> str:
    """The words with a period at their end, unless they have one."""
    return said if not said or said.rstrip().endswith((".", "?")) else f"{said.rstrip()}."


def lower_first(said: str) -> str:
    """The words as they stand within a sentence: 'nurse review', and still 'DRG review'."""
    return said if said[1:2].isupper() else said[:1].lower() + said[1:]


def describe_lob(lob: Lob | None, state: str = "") -> str:
    """A line of business with the State whose law counts: 'Medicaid, TX'."""
    return ", ".join(part for part in (lob_phrase(lob) if lob is not None else "", state) if part)


def describe_short_lob(lob: Lob | None, state: str = "") -> str:
    """The same for a narrow column: 'Medicare Adv., NY'."""
    return describe_lob(lob, state).replace("Medicare Advantage", "Medicare Adv.")
