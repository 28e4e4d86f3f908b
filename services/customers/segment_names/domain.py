"""What the cells of both grids are called (domain 2.5): codes stay what they are, names are the company's own.

The source's grid of loyalty and size has lost its axes; so its names, and those of the other grid, can be changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, get_args
from uuid import UUID

from shared.contracts.worth import LoyaltyCredit, LoyaltySize
from shared.errors import Invalid

CREDIT_CELLS: Final[tuple[LoyaltyCredit, ...]] = get_args(LoyaltyCredit)
SIZE_CELLS: Final[tuple[LoyaltySize, ...]] = get_args(LoyaltySize)


class SegmentNamesRefused(Invalid):
    slug = "segment-names-refused"
    title = "These names cannot hold"


@dataclass(frozen=True, slots=True)
class SegmentName:
    """What a cell is called."""

    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Grids:
    """The names of the cells of loyalty with credit, and of loyalty with size."""

    loyalty_credit: Mapping[LoyaltyCredit, SegmentName]
    loyalty_size: Mapping[LoyaltySize, SegmentName]

    def check(self) -> None:
        """Raises SegmentNamesRefused where two cells of a grid are called the same: nobody could tell them apart."""
        for pointer, names in self._names():
            if len(set(names)) < len(names):
                raise SegmentNamesRefused("each cell of a grid has a name of its own", pointer=pointer)

    def _names(self) -> Iterator[tuple[str, list[str]]]:
        for grid in ("loyalty_credit", "loyalty_size"):
            cells: Mapping[str, SegmentName] = getattr(self, grid)
            for language in ("name_zh", "name_en"):
                yield f"#/{grid}", [getattr(each, language).casefold() for each in cells.values()]


@dataclass(frozen=True, slots=True)
class SegmentNames:
    """A version of the names; `set_by` is None for the one the service came with."""

    version: int
    grids: Grids
    id: UUID
    set_at: datetime
    set_by: UUID | None

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any], **by_whom: Any) -> "SegmentNames":
        """From its row."""
        credit, size = definition["loyalty_credit"], definition["loyalty_size"]
        grids = Grids(
            {cell: SegmentName(**credit[cell]) for cell in CREDIT_CELLS},
            {cell: SegmentName(**size[cell]) for cell in SIZE_CELLS},
        )
        return cls(version, grids, **by_whom)

    def definition(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self.grids)
