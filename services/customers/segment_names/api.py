"""Routes of what the cells of both grids are called."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Self
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.segment_names import handlers, queries
from services.customers.segment_names.domain import (
    CREDIT_CELLS,
    SIZE_CELLS,
    Grids,
    SegmentName,
    SegmentNames,
    SegmentNamesRefused,
)
from services.customers.worth_policies.api import BY_VERSION, VersionNumber
from services.customers.worth_policies.domain import PolicyVersionNotFound
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Line
from shared.http.paging import Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router

routes = router("/customers/v1", "segments")

_ZH = Field(max_length=40, description="what it is called in Chinese")
_EN = Field(max_length=40, description="what it is called in English")


class SegmentNameIn(BaseModel):
    """What a cell is called."""

    model_config = ConfigDict(extra="forbid")

    name_zh: Annotated[Line, _ZH]
    name_en: Annotated[Line, _EN]


class LoyaltyCreditNamesIn(BaseModel):
    """What the cells of loyalty and credit are called."""

    model_config = ConfigDict(extra="forbid")

    gold: SegmentNameIn = Field(description="high loyalty, high credit")
    star: SegmentNameIn = Field(description="low loyalty, high credit")
    risk: SegmentNameIn = Field(description="high loyalty, low credit")
    junk: SegmentNameIn = Field(description="low loyalty, low credit")


class LoyaltySizeNamesIn(BaseModel):
    """What the cells of loyalty and size are called."""

    model_config = ConfigDict(extra="forbid")

    cash_cow: SegmentNameIn = Field(description="high loyalty, large")
    warm_up: SegmentNameIn = Field(description="low loyalty, large")
    tomorrow: SegmentNameIn = Field(description="high loyalty, small")
    chicken_rib: SegmentNameIn = Field(description="low loyalty, small")


class SegmentNamesIn(BaseModel):
    """What the cells of both grids are called; their codes stay what they are."""

    model_config = ConfigDict(extra="forbid")

    loyalty_credit: LoyaltyCreditNamesIn = Field(description="the cells of loyalty and credit")
    loyalty_size: LoyaltySizeNamesIn = Field(description="the cells of loyalty and size")

    def grids(self) -> Grids:
        credit, size = self.loyalty_credit.model_dump(), self.loyalty_size.model_dump()
        return Grids(
            {cell: SegmentName(**credit[cell]) for cell in CREDIT_CELLS},
            {cell: SegmentName(**size[cell]) for cell in SIZE_CELLS},
        )


class SegmentNameOut(BaseModel):
    """What a cell is called."""

    model_config = ConfigDict(from_attributes=True)

    name_zh: str = Field(description="what it is called in Chinese")
    name_en: str = Field(description="what it is called in English")


class LoyaltyCreditNamesOut(LoyaltyCreditNamesIn):
    """What the cells of loyalty and credit are called."""

    model_config = ANSWERED


class LoyaltySizeNamesOut(LoyaltySizeNamesIn):
    """What the cells of loyalty and size are called."""

    model_config = ANSWERED


class SegmentNamesOut(BaseModel):
    """What the cells of both grids are called."""

    version: int
    loyalty_credit: LoyaltyCreditNamesOut = Field(description="the cells of loyalty and credit")
    loyalty_size: LoyaltySizeNamesOut = Field(description="the cells of loyalty and size")
    set_at: datetime
    set_by: UUID | None

    @classmethod
    def of(cls, names: SegmentNames) -> Self:
        by = {"version": names.version, "set_at": names.set_at, "set_by": names.set_by}
        return cls.model_validate({**by, **asdict(names.grids)})


@routes.get("/segment-names")
async def read_segment_names(context: Injected[Context], response: Response) -> SegmentNamesOut:
    """What the cells of both grids are called, in Chinese and in English."""
    names = await queries.present(context)
    set_etag(response, names.version)
    return SegmentNamesOut.of(names)


@routes.get("/segment-names/versions")
async def list_segment_names_versions(context: Injected[Context], paging: Paging) -> Page[SegmentNamesOut]:
    """Every version of the names, oldest first."""
    return await paging.page(BY_VERSION, {}, partial(queries.versions, context), SegmentNamesOut.of)


@routes.get("/segment-names/versions/{number}")
@raises(PolicyVersionNotFound)
async def read_segment_names_version(number: VersionNumber, context: Injected[Context]) -> SegmentNamesOut:
    """One version of the names, as it held or holds."""
    return SegmentNamesOut.of(await queries.version(context, number))


@routes.put("/segment-names")
@raises(SegmentNamesRefused)
async def set_segment_names(
    body: SegmentNamesIn, context: Injected[Context], caller: Caller, response: Response, expected_version: IfMatch
) -> SegmentNamesOut:
    """Makes a new version, which is shown at once; codes stay what they are, and nobody is judged anew."""
    names = await handlers.set_names(context, body.grids(), expected_version, by=caller.id)
    set_etag(response, names.version)
    return SegmentNamesOut.of(names)
