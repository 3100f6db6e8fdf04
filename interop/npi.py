"""National Provider Identifiers (45 CFR 162.406): ten digits, the last a check digit."""

from __future__ import annotations

from functools import lru_cache

NPI_PATTERN = "[0-9]{10}"
_CARD_PREFIX = "80840"


@lru_cache(maxsize=4096)
def has_npi_check_digit(npi: str) -> bool:
    """Whether ten digits satisfy the Luhn formula over the card issuer prefix 80840 and the identifier."""
    digits = [int(digit) for digit in _CARD_PREFIX + npi]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
