"""How a customer's credit is rated and by whom (domain 2.1), and how much of the limit is used (domain 2.5)."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, TypeAlias

from shared.errors import Forbidden

CreditRating: TypeAlias = Literal["AAA", "AA", "A", "B", "C", "D"]
RATES_CREDIT: Final = ("cs_manager", "sales_manager", "admin_dept")
"""Besides administrators and imports."""
_PLACES: Final = Decimal("0.0001")


class RatingRefused(Forbidden):
    slug = "credit-rating-refused"
    title = "Managers of customer service and of sales rate credit, and administration"


def check_rates(before: CreditRating | None, after: CreditRating | None, *, may: bool) -> None:
    """Whether who may rate, or may not, leaves the rating as it is. Raises RatingRefused."""
    if before != after and not may:
        raise RatingRefused("ask a manager of customer service or of sales", pointer="#/credit_rating")


def limit_use(owed: Decimal, limit: Decimal | None) -> Decimal | None:
    """What is owed as a part of the limit, to four places, half up: above 1 more is owed than the limit.

    None without a limit.
    """
    return (owed / limit).quantize(_PLACES, ROUND_HALF_UP) if limit else None
