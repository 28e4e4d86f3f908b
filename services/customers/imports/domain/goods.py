"""The lines of a purchase in one cell: `焕颜精华 @B-17 × 12 = 1200.00 ~ 480.00; 面膜 × 3` (domain 2.3).

A name that has a sign of this notation in it stands between 「 and 」, where 」 is written twice. Exports write the
cells that are read here; the process that writes a file loads none of this.
"""

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from services.customers.imports.domain.cells import amount_of, text_of
from services.customers.imports.domain.troubles import BadCell, BadLines, Trouble
from shared.texts import fold_identifier

LONGEST_NAME = 64
"""Characters of a product's or a batch's name, as elsewhere."""
MOST_PIECES = 1_000_000
_QUOTED = "「((?:[^」]|」」)*)」"
_PART = re.compile(f"(?:{_QUOTED}|[^;；\r\n])+")
_NAME = re.compile(rf"(?:^|(?<=@)|(?<=@ )){_QUOTED}(?=\s*(?:[@×*]|$)|\s[xX]\s)")
_SIGN = re.compile(r"^[+-]|[;；@×*=~「」\r\n]|\s[xX]\s")
"""What a name is written between quotes for: signs of the notation, and what a spreadsheet takes for a formula."""
_PLACE = "\0"
"""What a quoted name leaves behind while the rest is read; no cell has it."""
_COUNTED = re.compile(r"(.+)(?:[×*]|\s[xX]\s)\s*(\S+)")
_COSTS = re.compile(r"(.*?)\s*~\s*([^\s~×*=@]+)")


def lines_of(text: str, largest: Decimal) -> str:
    """What each line says, as JSON: product, batch, pieces, what was paid in CNY with two places, null where it is not
    said, and what it cost the company where that is said.

    Raises BadLines with what is wrong with each line that cannot be taken, and BadCell for too many of them.
    """
    from services.customers.purchases.domain import MOST_LINES  # only such files wait for what comes along with it

    parts = [part[0] for part in _PART.finditer(text) if part[0].strip()]
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


def line_as(product: str, batch: str | None, quantity: int, amount: Decimal | None, cost: Decimal | None) -> str:
    """A line as `lines_of` reads it."""
    named = _name_as(product) if batch is None else f"{_name_as(product)} @{_name_as(batch)}"
    paid = "" if amount is None else f" = {amount}"
    return f"{named} × {quantity}{paid}" + ("" if cost is None else f" ~ {cost}")


def _name_as(name: str) -> str:
    return "「" + name.replace("」", "」」") + "」" if _SIGN.search(name) else name


def _unquoted(text: str) -> tuple[str, Iterator[str]]:
    """The text with a place for each quoted name, and those names. What needs no quotes has them in its name."""
    kept: list[str] = []

    def keep(quoted: re.Match[str]) -> str:
        name = quoted[1].replace("」」", "」")
        if not _SIGN.search(name):
            return quoted[0]
        kept.append(name)
        return _PLACE

    return _NAME.sub(keep, text), iter(kept)


def _names(names: Iterable[str], kept: Iterator[str]) -> Iterator[str]:
    for name in names:
        yield next(kept) if name == _PLACE else name


def _line(text: str, largest: Decimal) -> dict[str, str | int | None]:
    text, kept = _unquoted(text)
    if costs := _COSTS.fullmatch(text):
        text = costs[1]
    goods, paid, amount = text.rpartition("=")
    counted = _COUNTED.fullmatch((goods if paid else text).strip())
    if counted is None:
        raise BadCell(Trouble.NOT_A_LINE)
    named, quantity = counted[1].strip(), counted[2]
    parts = (each.strip() for each in named.rpartition("@")) if "@" in named else (named, "", "")
    product, numbered, batch = _names(parts, kept)
    if not product or (numbered and not batch):
        raise BadCell(Trouble.NOT_A_LINE)
    if max(len(product), len(batch)) > LONGEST_NAME:
        raise BadCell(Trouble.TOO_LONG)
    if not (quantity.isascii() and quantity.isdecimal() and 0 < int(quantity[:9]) <= MOST_PIECES):
        raise BadCell(Trouble.NOT_PIECES)
    said: dict[str, str | int | None] = {
        "product": product,
        "batch": batch or None,
        "quantity": int(quantity),
        "amount": str(amount_of(amount.strip(), largest)) if paid else None,
    }
    return {**said, "cost": str(amount_of(costs[2], largest))} if costs else said
