"""The lines of a purchase in one cell: `焕颜精华 @B-17 × 12 = 1200.00; 面膜 × 3` (domain 2.3)."""

import json
import re
from decimal import Decimal

from services.customers.imports.domain.cells import amount_of, text_of
from services.customers.imports.domain.troubles import BadCell, BadLines, Trouble
from shared.texts import fold_identifier

LONGEST_NAME = 64
"""Characters of a product's or a batch's name, as elsewhere."""
MOST_PIECES = 1_000_000
_BETWEEN = re.compile("[;；\r\n]+")
_COUNTED = re.compile(r"(.+)(?:[×*]|\s[xX]\s)\s*(\S+)")


def lines_of(text: str, largest: Decimal) -> str:
    """What each line says, as JSON: product, batch, pieces and what was paid in CNY with two places, null where it is
    not said.

    Raises BadLines with what is wrong with each line that cannot be taken, and BadCell for too many of them.
    """
    from services.customers.purchases.domain import MOST_LINES  # only such files wait for what comes along with it

    parts = [part for part in _BETWEEN.split(text) if part.strip()]
    if len(parts) > MOST_LINES:
        raise BadCell(Trouble.TOO_LONG)
    said: list[dict[str, str | int | None]] = []
    bad: dict[int, Trouble] = {}
    for number, part in enumerate(parts, 1):
        try:
            said.append(_line(fold_identifier(text_of(part)), largest))
        except BadCell as trouble:
            bad[number] = trouble.trouble
    if bad:
        raise BadLines(bad)
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")) if said else ""


def _line(text: str, largest: Decimal) -> dict[str, str | int | None]:
    goods, paid, amount = text.rpartition("=")
    counted = _COUNTED.fullmatch((goods if paid else text).strip())
    if counted is None:
        raise BadCell(Trouble.NOT_A_LINE)
    named, quantity = counted[1].strip(), counted[2]
    product, numbered, batch = (each.strip() for each in named.rpartition("@")) if "@" in named else (named, "", "")
    if not product or (numbered and not batch):
        raise BadCell(Trouble.NOT_A_LINE)
    if max(len(product), len(batch)) > LONGEST_NAME:
        raise BadCell(Trouble.TOO_LONG)
    if not (quantity.isascii() and quantity.isdecimal() and 0 < int(quantity[:9]) <= MOST_PIECES):
        raise BadCell(Trouble.NOT_PIECES)
    return {
        "product": product,
        "batch": batch or None,
        "quantity": int(quantity),
        "amount": str(amount_of(amount.strip(), largest)) if paid else None,
    }
