"""The operations page in a browser, beside the running product: what it shows, says and admits not to know."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.pages.conftest import SHOP, Product

pytestmark = pytest.mark.pages

WIDTHS = {"phone": 375, "tablet": 900, "desk": 1_440}


def sign_in(page: Page, product: Product) -> None:
    """By the link that an installation prints: the token stands behind the #."""
    page.goto(f"/ops#token={product.running.tokens['admin']}")
    expect(page.locator("#state")).to_have_text("live")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_axe_finds_nothing(page: Page, product: Product, width: int, language: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/ops")
    if language == "zh":
        page.locator("#language").click()
    on_the_way_in = Axe().run(page)
    product.complain()
    page.locator("#token").fill(product.running.tokens["admin"])
    page.locator("#enter button").click()
    expect(page.locator("#cases li").first).to_be_visible()

    inside = Axe().run(page)

    assert (on_the_way_in.violations_count, inside.violations_count) == (0, 0), (
        on_the_way_in.generate_report() + inside.generate_report()
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing hangs over the edge"


def test_a_token_in_the_link_signs_in_and_leaves_the_address(page: Page, product: Product) -> None:
    sign_in(page, product)

    assert page.url == f"{product.running.url}/ops"


def test_who_signs_out_sees_nothing_any_more(page: Page, product: Product) -> None:
    product.complain()
    sign_in(page, product)
    expect(page.locator("#cases")).to_contain_text(SHOP)

    page.locator("#leave").click()

    expect(page.locator("#enter")).to_be_visible()
    expect(page.locator("#board")).to_be_hidden()
    assert SHOP not in page.content()


def test_who_is_not_admitted_is_told_so_and_sees_nothing(page: Page, product: Product) -> None:
    page.goto(f"/ops#token={product.running.tokens['salesperson']}")

    expect(page.locator("#state")).to_contain_text("Not admitted")
    expect(page.locator("#board")).to_be_hidden()


def test_times_are_those_of_the_company_and_have_a_date(page: Page, product: Product) -> None:
    """The browser stands in New York."""
    product.complain()
    sign_in(page, product)
    board = product.http.get("/reporting/v1/live/board").json()

    assert board["time_zone"] == "Asia/Shanghai"
    expect(page.locator("#now")).to_contain_text("GMT+8")
    expect(page.locator("#rest time").first).to_have_text(re.compile(r"^\d\d/\d\d, \d\d:\d\d:\d\d$"))


def test_empty_panels_say_so_and_can_be_reached_by_keyboard(page: Page, product: Product) -> None:
    sign_in(page, product)

    for place in ("alarms", "moves", "messages", "rest"):
        expect(page.locator(f"#{place} li, #{place} + .empty:visible").first).to_be_visible()
        page.locator(f"[aria-labelledby=of-{place}]").focus()
        expect(page.locator(f"[aria-labelledby=of-{place}]")).to_be_focused()


def test_a_breach_is_announced_and_messages_are_counted_by_the_day(page: Page, product: Product) -> None:
    number = product.complain()
    sign_in(page, product)
    expect(page.locator("#announced")).to_be_empty()

    product.post("/rehearsal/clock", {"forward": "PT4H1M"})

    expect(page.locator("#announced")).to_contain_text(f"Overdue {number}", timeout=15_000)
    expect(page.locator("#alarms")).to_contain_text(number)
    expect(page.locator("#messages")).to_contain_text("complaint escalated", timeout=15_000)
    sent = page.locator("#figures div", has_text="messages sent today").locator("dd")
    expect(sent).not_to_have_text("0", timeout=15_000)
    assert product.http.get("/reporting/v1/live/board").json()["messages_sent"] >= int(sent.inner_text())


def test_who_signs_in_while_the_service_is_away_is_told_to_wait(page: Page, product: Product) -> None:
    """503 to everything, as reporting answers while its database is away; it goes on by itself when that is back."""
    page.route("**/reporting/v1/**", lambda route: route.fulfill(status=503, json={"title": "busy", "detail": "away"}))
    page.goto(f"/ops#token={product.running.tokens['admin']}")
    expect(page.locator("#state")).to_have_text("connecting again…")

    page.unroute("**/reporting/v1/**")
    expect(page.locator("#state")).to_have_text("live")


def test_a_server_that_says_nothing_is_not_called_live(page: Page, product: Product) -> None:
    sign_in(page, product)

    product.running.process.suspend()
    try:
        expect(page.locator("#state")).to_have_text(
            re.compile(r"^nothing heard since \d\d/\d\d, \d\d:\d\d:\d\d"), timeout=30_000
        )
        expect(page.locator("#state")).to_have_class("off")
    finally:
        product.running.process.resume()

    expect(page.locator("#state")).to_have_text("live", timeout=60_000)
