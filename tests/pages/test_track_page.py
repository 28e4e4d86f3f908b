"""The complainant's page in a browser, beside the running product: read, added to and judged, without a login."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect

from tests.pages.conftest import Product

pytestmark = pytest.mark.pages

PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8
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


def added(page: Page, product: Product, case: dict[str, Any]) -> None:
    """The complainant sends a picture; what staff read of the case stays as it is."""
    file: FilePayload = {"name": "瓶盖裂开的照片-2026-11-04.png", "mimeType": "image/png", "buffer": PICTURE}
    place = f"/complaints/track/{case['tracking_token']}/files"
    sent = page.request.post(place, multipart={"file": file}, max_redirects=0)
    assert sent.status == 303, sent.text()


def closed(product: Product, days_ago: int) -> dict[str, Any]:
    """An enquiry of long ago that was taken over, closed so many days ago."""
    now = datetime.fromisoformat(product.http.get("/rehearsal/clock").json()["now"])
    moment = now - timedelta(days=days_ago)
    case = recorded(product, kind="enquiry", recorded_at=(moment - timedelta(hours=3)).isoformat())
    for movement in ("answer", "resolve", "close"):
        said = {"text": "如纸面记录", "at": moment.isoformat()}
        product.post(f"/complaints/v1/complaints/{case['id']}/{movement}", said)
    return case


def states(page: Page, product: Product, language: str) -> Iterator[str]:
    """Opens every face of the page, one after the other; each by its name."""
    case = recorded(product)
    place = f"/complaints/track/{case['tracking_token']}"
    page.goto(f"{place}?lang={language}")
    yield "open"
    added(page, product, case)
    page.goto(f"{place}?lang={language}&done=file")
    yield "with a file"
    page.goto(f"{place}?lang={language}")
    page.locator("#file").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"<html>"})
    page.locator("form[action*=files] button").click()
    yield "a file refused"
    page.goto(f"{place}?lang={language}")
    page.evaluate("document.querySelector('#text').removeAttribute('maxlength')")
    page.locator("#text").fill("太长了。" * 1_001)
    page.locator("form[action*=words] button").click()
    yield "words refused"
    answered(product, case)
    page.goto(f"{place}?lang={language}&done=words")
    yield "answered"
    page.locator("#perceived").select_option("6")
    page.locator("#expected").select_option("8")
    page.locator("form[action*=satisfaction] button").click()
    yield "open again"
    for name, days in (("closed", 1), ("ended", 91)):
        page.goto(f"/complaints/track/{closed(product, days)['tracking_token']}?lang={language}")
        yield name
    page.goto(f"/complaints/track/{'A' * 43}?lang={language}")
    yield "unknown"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_axe_finds_nothing(page: Page, product: Product, width: int, language: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 844})
    found = {}
    for state in states(page, product, language):
        pictured(page, f"{width}-{language}-{scheme}-{state.replace(' ', '-')}")
        found[state] = Axe().run(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{state}: something hangs over the edge"
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if language == "zh" else "en")

    assert len(found) == 9
    faults = {state: each.generate_report() for state, each in found.items() if each.violations_count}
    assert faults == {}


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

    expect(page.get_by_role("status")).to_contain_text("您的评价已收到，我们已重新开始处理")
    expect(page.locator("dl")).to_contain_text("重新处理中")
    expect(page.locator("#perceived")).to_be_hidden()
    history = product.http.get(f"/complaints/v1/complaints/{case['id']}/history").json()["items"]
    said = [entry["text"] for entry in history if entry["what"] == "words"]
    assert said == ["瓶盖也裂了"]


def test_a_file_is_sent_and_listed(page: Page, product: Product) -> None:
    case = recorded(product)
    page.goto(f"/complaints/track/{case['tracking_token']}")
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "盖子.png", "mimeType": "image/png", "buffer": PICTURE}
    )
    page.get_by_label("What it shows").fill("罐底的裂缝")
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("status")).to_have_text("We have received your file.")
    expect(page.locator("main li")).to_contain_text("盖子.png")
    expect(page).to_have_title("We have received your file. – Your complaint")
    [file] = product.http.get(f"/complaints/v1/complaints/{case['id']}/files").json()["items"]
    content = product.http.get(f"/complaints/v1/complaints/{case['id']}/files/{file['id']}").content
    assert (file["note"], content) == ("罐底的裂缝", PICTURE)


def test_a_file_beyond_the_bound_is_told_and_the_way_leads_back(page: Page, product: Product, tmp_path: Path) -> None:
    """Little more than it may be, and far more: the browser shows an answer, not a broken connection."""
    case = recorded(product)
    for size in (21 << 20, 40 << 20):
        large = tmp_path / "long.png"
        with large.open("wb") as written:
            written.write(PICTURE)
            written.truncate(size)
        page.goto(f"/complaints/track/{case['tracking_token']}")
        page.locator("#file").set_input_files(large)
        page.get_by_role("button", name="Upload").click()

        expect(page.get_by_role("alert")).to_contain_text("A file may have 20 MB")
        page.get_by_role("link", name="Back to the case").click()
        expect(page.locator("dl")).to_contain_text(case["number"])


def test_it_is_used_by_keyboard_alone(page: Page, product: Product) -> None:
    case = recorded(product)
    answered(product, case)
    page.goto(f"/complaints/track/{case['tracking_token']}")
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", reached[-1]
        if reached[-1] == "text":
            page.keyboard.type("The lid is broken too.")
    assert reached == [
        "中文",
        "perceived",
        "expected",
        "remark",
        "Send my judgement",
        "text",
        "Send",
        "file",
        "note",
        "Upload",
    ]
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("We have received what you added")


@pytest.mark.parametrize("language, said", [("en", "No complaint belongs to this link"), ("zh", "没有找到这个链接")])
def test_a_guessed_token_shows_nothing_of_any_case(page: Page, product: Product, language: str, said: str) -> None:
    case = recorded(product)
    token = case["tracking_token"]
    for guessed in (token[:-4] + "AAAA", token[:-1], case["id"], "A" * 43):
        answer = page.goto(f"/complaints/track/{guessed}?lang={language}")
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("alert")).to_contain_text(said)
        expect(page.locator("form")).to_have_count(0)
        assert case["number"] not in page.content()


def test_whoever_reads_a_refused_form_anew_comes_to_the_case(page: Page, product: Product) -> None:
    case = recorded(product)
    page.goto(f"/complaints/track/{case['tracking_token']}/words")

    expect(page.locator("dl")).to_contain_text(case["number"])


def test_a_network_that_is_slow_or_away_loses_no_words(page: Page, product: Product) -> None:
    """What was typed stands there again when the browser goes back."""
    case = recorded(product)
    page.goto(f"/complaints/track/{case['tracking_token']}")
    page.locator("#text").fill("瓶盖也裂了")
    page.route("**/words?*", lambda route: route.abort())
    page.get_by_role("button", name="Send").click()
    page.unroute("**/words?*")
    page.go_back()

    expect(page.locator("#text")).to_have_value("瓶盖也裂了")
