"""An administrator changes the tier policy: who would move is seen first, and only the start moves anybody."""

from datetime import timedelta

from shared.settings import Settings
from tests.journeys import looks
from tests.journeys.network import company, get, post
from tests.journeys.stage import Stage

ZONE = Settings().zone
LOWER = {"A": "10000", "B": "3000", "C": "900"}
"""By which only those move who bought for 900 to 1,000."""


async def a_tier_policy_is_announced_and_starts(stage: Stage) -> None:
    """A new version says who would move; announced it moves nobody, started it lifts at once, everywhere."""
    brand_company = await company(stage.http)
    store = await brand_company.store()
    await brand_company.buys(store, "950.00", await stage.now())
    assert await looks.tier_is(stage, store, "D")()

    next_year = ((await stage.now()).astimezone(ZONE) + timedelta(days=365)).date()
    announced = await post(
        stage.http, "/customers/v1/tier-policies", {"thresholds": LOWER, "starts_on": next_year.isoformat()}
    )
    assert await _would_move(stage, announced["id"], store) == [("D", "C", "950.00")]
    assert await looks.tier_is(stage, store, "D")()

    started = await post(stage.http, "/customers/v1/tier-policies", {"thresholds": LOWER})
    assert started["version"] == announced["version"] + 1
    await stage.until(looks.tier_is(stage, store, "C"), "its start lifts the store")
    assert await _would_move(stage, started["id"], store) == []
    [change] = (await get(stage.http, f"/customers/v1/customers/{store}/tier-history"))["items"]
    assert (change["cause"], change["policy_version"]) == ("policy", started["version"])
    await stage.until(looks.reported_tier_is(stage, store, "C"), "customer 360 says C")
    await stage.until(looks.greeted(stage, store, 1), "the rise is greeted")
    assert (await brand_company.complains(store))["tier"] == "C"


async def _would_move(stage: Stage, policy: str, store: str) -> list[tuple[str, str, str]]:
    """From where to where the preview sees this store move, and by which total."""
    moves = (await get(stage.http, f"/customers/v1/tier-policies/{policy}/preview", limit=500))["items"]
    return [(move["from"], move["to"], move["total"]) for move in moves if move["customer_id"] == store]
