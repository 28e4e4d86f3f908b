"""The complainant's page in a browser, beside the running product: read, added to and judged, without a login."""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.pages.conftest import Product

pytestmark = pytest.mark.pages

WIDTHS = {"phone": 390, "desk": 1_440}


def recorded(product: Product, **fields: Any) -> dict[str, Any]:
    """A case that asks for something, as answered to who recorded it."""
    body = {
        "complainant": {"name": "王小姐", "contact": "13800138000"},
        "subject": "product",
        "against": {"type": "product", "name": "面霜"},
        "text": "开封后变色",
        "wish": "换一瓶新的，并说明原因",
        **fields,
    }
    return product.post("/complaints/v1/complaints", body)


def answered(product: Product, case: dict[str, Any]) -> None:
    product.post(f"/complaints/v1/complaints/{case['id']}/answer", {"text": "明天送到"})


def pictured(page: Page, name: str) -> None:
    """Leaves a picture for whoever wants to look (`CRM_PICTURES` names the folder)."""
    if folder := os.environ.get("CRM_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_axe_finds_nothing(page: Page, product: Product, width: int, language: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 844})
    case = recorded(product)
    place = f"/complaints/track/{case['tracking_token']}?lang={language}"
    found = []
    page.goto(place)
    found.append(Axe().run(page))
    pictured(page, f"open-{width}-{language}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing hangs over the edge"
    answered(product, case)
    page.goto(place + "&done=words")
    found.append(Axe().run(page))
    pictured(page, f"answered-{width}-{language}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing hangs over the edge"
    page.goto(f"/complaints/track/{'A' * 43}?lang={language}")
    found.append(Axe().run(page))
    pictured(page, f"unknown-{width}-{language}-{scheme}")

    assert [each.violations_count for each in found] == [0, 0, 0], "".join(each.generate_report() for each in found)


def test_a_complainant_reads_adds_and_judges(page: Page, product: Product) -> None:
    case = recorded(product)
    page.goto(f"/complaints/track/{case['tracking_token']}")
    expect(page.locator("dl")).to_contain_text(case["number"])
    expect(page.locator("dl")).to_contain_text("换一瓶新的，并说明原因")
    expect(page.get_by_role("heading", name="Are you satisfied?")).to_be_hidden()

    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.locator("#text").fill("瓶盖也裂了")
    page.get_by_role("button", name="提交补充").click()
    expect(page.get_by_role("status")).to_contain_text("已收到您的补充")

    answered(product, case)
    page.reload()
    page.locator("#perceived").select_option("6")
    page.locator("#expected").select_option("8")
    page.get_by_role("button", name="提交评价").click()

    expect(page.get_by_role("status")).to_contain_text("已收到您的评价")
    expect(page.locator("dl")).to_contain_text("重新处理中")
    expect(page.locator("#perceived")).to_be_hidden()
    history = product.http.get(f"/complaints/v1/complaints/{case['id']}/history").json()["items"]
    said = [entry["text"] for entry in history if entry["what"] == "words"]
    assert said == ["瓶盖也裂了"]
