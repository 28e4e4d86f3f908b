"""By what lists and files of customers are narrowed: the one definition of their filters."""

from dataclasses import dataclass, replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Request

from services.customers.archive.domain import CustomerKind, FilterNotShown, Filters, FiltersContradict
from shared.auth.principal import PARTNER, Principal
from shared.contracts.customers import Tier
from shared.contracts.worth import Level, Stage, StoreSize, ValueLevel
from shared.http.fields import ExternalNo, Moment

NOT_FOR_PARTNERS: Final = ("loyalty", "credit", "size", "value", "warned", "tag")
"""What partners are not shown of anybody."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """By what customers are narrowed, as it was asked."""

    filters: Filters
    mine: bool

    def of(self, caller: Principal) -> Filters:
        """What the caller means. Raises FiltersContradict, FilterNotShown."""
        if caller.roles == {PARTNER}:
            self._check_partner()
        if self.mine and self.filters.served_by is not None:
            raise FiltersContradict("name a member of the team, or `mine`", pointer="query/mine")
        return replace(self.filters, served_by=caller.id) if self.mine else self.filters

    def _check_partner(self) -> None:
        """Raises FilterNotShown."""
        for name in NOT_FOR_PARTNERS:
            if getattr(self.filters, name) is not None:
                raise FilterNotShown("partners are not shown this of customers", pointer=f"query/{name}")


async def _narrowing(
    _: Request,
    tier: Annotated[Tier | None, Query()] = None,
    region_id: Annotated[UUID | None, Query(description="a region, with those in it")] = None,
    stage: Annotated[Stage | None, Query(description="in this stage of their lives")] = None,
    external_no: Annotated[ExternalNo | None, Query()] = None,
    kind: Annotated[CustomerKind | None, Query(description="stores or persons alone")] = None,
    owner_id: Annotated[UUID | None, Query(description="whose stores")] = None,
    served_by: Annotated[UUID | None, Query(description="of whose account teams, such as a salesperson")] = None,
    mine: Annotated[bool, Query(description="of whose teams the caller is")] = False,
    bought_since: Annotated[Moment | None, Query(description="who bought something at this moment or later")] = None,
    updated_since: Annotated[Moment | None, Query(description="whose `updated_at` is this moment or later")] = None,
    tag: Annotated[ExternalNo | None, Query(description="only customers with this tag; not for partners")] = None,
    loyalty: Annotated[Level | None, Query(description="how loyal they are; not for partners")] = None,
    credit: Annotated[
        Level | None, Query(description="how they pay; with `loyalty` gold, star, risk or junk; not for partners")
    ] = None,
    size: Annotated[StoreSize | None, Query(description="how much they buy; not for partners")] = None,
    value: Annotated[
        ValueLevel | None, Query(description="their place in the pyramid of value; not for partners")
    ] = None,
    warned: Annotated[
        bool | None, Query(description="whether a warning is open that they are about to leave; not for partners")
    ] = None,
) -> Narrowing:
    filters = Filters(
        tier=tier,
        region_id=region_id,
        stage=stage,
        external_no=external_no,
        kind=kind,
        owner_id=owner_id,
        served_by=served_by,
        bought_since=bought_since,
        updated_since=updated_since,
        tag=tag,
        loyalty=loyalty,
        credit=credit,
        size=size,
        value=value,
        warned=warned,
    )
    return Narrowing(filters, mine)


Narrowed = Annotated[Narrowing, Depends(_narrowing)]
