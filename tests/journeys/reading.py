"""Everything a person can read of the network, to be compared before and after something that must change nothing."""

from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from shared.months import Month
from tests.moments import one_form

Read = Mapping[str, Any]
QUEUE = "/complaints/v1/queue"
LISTS = (
    "/customers/v1/customers",
    "/customers/v1/months",
    "/complaints/v1/complaints",
    "/care/v1/tasks",
    "/care/v1/messages",
)
OF_A_MONTH = ("tiers", "complaints", "service")
OF_A_CUSTOMER = (
    "/customers/v1/customers/{}/tier-history",
    "/care/v1/consents/{}",
    "/reporting/v1/customers/{}",
)
OF_WHO_WAS_ERASED = tuple(each for each in OF_A_CUSTOMER if "consents" not in each)
"""Care knows nobody of whom nothing is left."""
MONTHS = 5


async def read_everything(http: httpx.AsyncClient, running: Month) -> Read:
    """What every page says, by its address: all lists, the reports of the last months, each customer.

    Of the queue its order alone, because it also says how many seconds are left.
    """
    read = {address: await listed(http, address) for address in LISTS}
    read[QUEUE] = [case["id"] for case in await listed(http, QUEUE)]
    for month in (running.plus(-back) for back in range(MONTHS)):
        for report in OF_A_MONTH:
            address = f"/reporting/v1/{report}?month={month}"
            read[address] = await _page(http, address)
    for customer in read[LISTS[0]]:
        kept = OF_A_CUSTOMER if customer["erased_at"] is None else OF_WHO_WAS_ERASED
        for address in (each.format(customer["id"]) for each in kept):
            read[address] = await _page(http, address)
    return read


def differences(before: Read, after: Read) -> dict[str, tuple[Any, Any]]:
    """The addresses whose pages read otherwise now, with what they said and say."""
    said = {address: (before.get(address), after.get(address)) for address in {**before, **after}}
    return {address: (then, now) for address, (then, now) in said.items() if then != now}


async def listed(http: httpx.AsyncClient, address: str, **query: Any) -> list[Any]:
    """All items of a list."""
    page = await _page(http, address, limit=500, **query)
    items: list[Any] = page["items"]
    while page["next"] is not None:
        page = await _page(http, address, limit=500, cursor=page["next"], **query)
        items += page["items"]
    return items


async def _page(http: httpx.AsyncClient, address: str, **query: Any) -> Any:
    answer = await http.get(address, params=query or None)
    assert answer.status_code == 200, f"{address}: {answer.status_code} {answer.text}"
    return orjson.loads(one_form(answer.text))
