"""The running product, a browser, and the operations page in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.all_in_one import AllInOne
from tests.pages import browser

SHOP = "美丽人生美容院"


@dataclass(frozen=True)
class Product:
    """The product in one process, with a store whose complaint waits."""

    running: AllInOne
    http: httpx.Client
    shop: str

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What POST answered."""
        answer = self.http.post(path, json=body)
        assert answer.is_success, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def complain(self) -> str:
        """The number of a new complaint of the store."""
        body = {
            "customer_id": self.shop,
            "kind": "complaint",
            "subject": "delivery",
            "channel": "phone",
            "text": "迟到",
        }
        number: str = self.post("/complaints/v1/complaints", {**body, "against": {"type": "product", "name": "面霜"}})[
            "number"
        ]
        return number


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with AllInOne(tmp_path_factory.mktemp("product") / "data") as running, running.http() as http:
        shop = http.post("/customers/v1/customers", json={"name": SHOP, "kind": "store"}).json()["id"]
        yield Product(running, http, shop)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


@pytest.fixture
def page(chromium: Browser, product: Product) -> Iterator[Page]:
    """A page in English that reports every fault of its script."""
    context = chromium.new_context(base_url=product.running.url, locale="en-GB", timezone_id="America/New_York")
    faults: list[str] = []
    made = context.new_page()
    made.on("pageerror", lambda fault: faults.append(str(fault)))
    yield made
    context.close()
    assert faults == []
