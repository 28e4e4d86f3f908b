"""What somebody who answers a call needs to know of the caller (domain 2.8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.customers.archive.domain import Customer
from services.customers.cases.domain import OpenCase
from services.customers.last_touches.domain import LastTouch
from services.customers.offers.domain import BrandBought, Earning, Offer, OfferReason, to_offer
from services.customers.owners.domain import Owner
from services.customers.people.domain import Person
from services.customers.promises.domain import Promise
from services.customers.purchases.domain import Purchase
from services.customers.teams.domain import Colleague
from shared.errors import NotFound


class CallerNotFound(NotFound):
    slug = "unknown-caller"
    title = "Nobody is known by this number"


WITH_A_CASE: Final = ("cs_specialist", "cs_manager")
"""Who takes a call while a case is open: who investigates and follows complaints (domain 1)."""
WITHOUT: Final = ("salesperson", "brand_manager", "sales_manager", "beauty_mentor", "cs_manager", "cs_specialist")
"""Who takes it otherwise, the nearest to the customer's orders first."""


def to_take(team: Mapping[str, Colleague], cases: Sequence[OpenCase]) -> Colleague | None:
    """Who of the team should take the call (domain 2.8); None where nobody of these roles is in it."""
    order = (*WITH_A_CASE, *WITHOUT) if cases else WITHOUT
    return next((team[role] for role in order if role in team), None)


@dataclass(frozen=True, slots=True)
class ScreenPop:
    """Who calls, who else has the number, who of the store's people it is and who else is there, who of the owners of
    all these, the team by role, the latest purchases, open cases, promises, last touches, and what offers are made of.
    """

    customer: Customer
    others: Sequence[Customer]
    callers: Sequence[Person]
    contacts: Sequence[Person]
    owners: Sequence[Owner]
    team: Mapping[str, Colleague]
    purchases: Sequence[Purchase]
    cases: Sequence[OpenCase]
    promises: Sequence[Promise]
    touches: Sequence[LastTouch]
    earning: Earning
    brands: Sequence[BrandBought]

    def to_offer(self, seen: Customer, now: datetime) -> list[Offer]:
        """What to offer next to the caller as somebody sees it; nothing while a case is open (decision 23).

        `now` is in the company's zone. Whose birthday is masked is not congratulated.
        """
        if self.cases:
            return []
        days: dict[OfferReason, date | None] = {"birthday": seen.profile.birthday}
        if seen.profile.kind == "store":
            days["store_anniversary"] = seen.profile.opened_on
        return to_offer(seen.tier, self.earning, self.brands, days, now)
