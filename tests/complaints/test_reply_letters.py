"""The reply in the company's name: drafted in five parts, edited and sent by a person, with no hole in it."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.complaints.reply_templates.domain import PARTS
from shared.contracts.complaints import ComplaintStepDone
from shared.contracts.customers import CompanyListed, CompanySignatory, ContactListed, CustomerRegistered
from shared.contracts.letters import ComplaintReplyUnreached
from shared.ids import new_id
from tests.complaints.building import DEPARTMENT, SALESPERSON, SPECIALIST, as_role, case
from tests.complaints.test_letters import LANDLINE, MOBILE, Erasing, Writing, by, writing
from tests.complaints.test_merging import merge
from tests.postgres import FreshDatabase

COMPANY = UUID("01900000-0000-7000-8000-00000000000c")


def profile() -> CompanyListed:
    return CompanyListed(
        company_id=COMPANY,
        names={"zh-CN": "温州美业有限公司", "en": "Wenzhou Beauty Ltd"},
        addresses={"zh-CN": "温州市鹿城区车站大道1号", "en": "1 Chezhan Road, Lucheng, Wenzhou"},
        line="400-888-1234",
        languages=["zh-CN", "en"],
        signatories=[
            CompanySignatory(
                names={"zh-CN": "陈静", "en": "Chen Jing"}, titles={"zh-CN": "行政部", "en": "Administration"}
            ),
            CompanySignatory(
                names={"zh-CN": "孙强", "en": "Sun Qiang"},
                titles={"zh-CN": "销售部经理", "en": "Head of Sales"},
                department_id=DEPARTMENT,
            ),
            CompanySignatory(
                names={"zh-CN": "吴敏", "en": "Wu Min"},
                titles={"zh-CN": "物流部", "en": "Logistics"},
                department_id=new_id(),
            ),
        ],
    )


async def inspected(service: Writing, contact: str | None = "mail@example.com", **fields: Any) -> str:
    """A case that has everything but its reply; with its solution, and a gift."""
    body = by(contact, **fields) if contact else case(**fields)
    id_: str = (
        await service.post("/complaints", {**body, "against": {"type": "person", "id": str(SALESPERSON)}})
    ).json()["id"]
    for step, text in (
        ("investigate", "已查"),
        ("propose", "三日内更换同款面霜。"),
        ("execute", "已更换"),
        ("inspect", "合格"),
        ("settle", "已定"),
    ):
        answer = await service.post(f"/complaints/{id_}/steps/{step}", {"text": text})
        assert answer.status_code == 200, answer.text
    return id_


async def draft(service: Writing, id_: str, **asked: str) -> dict[str, Any]:
    answer = await service.get(f"/complaints/{id_}/reply/draft", **asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def replies(service: Writing, id_: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await service.get(f"/complaints/{id_}/replies")).json()["items"]
    return found


async def test_a_draft_has_five_parts_of_what_is_known(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        await service.given(profile())
        id_ = await inspected(service)
        given = await service.post(
            f"/complaints/{id_}/compensations", {"kind": "gift", "cost": "50.00", "text": "旅行装礼盒一份"}
        )
        assert given.status_code == 201, given.text

        made = await draft(service, id_)

        assert (made["channel"], made["language"], made["missing"], made["hints"]) == ("email", "zh-CN", [], [])
        assert [each["part"] for each in made["parts"]] == list(PARTS)
        texts = {each["part"]: each["text"] for each in made["parts"]}
        assert "2026年11月4日" in texts["apology"]
        assert "道歉" in texts["apology"]
        assert (
            texts["solution"]
            == "我们这样解决：三日内更换同款面霜。此外，为表歉意，我们为您准备了旅行装礼盒一份，请您收下。"
        )
        assert "50" not in made["text"], "nobody is told what a gift cost"
        assert "400-888-1234" in texts["thanks"]
        assert made["greeting"] == "尊敬的王小姐："
        assert made["closing"] == "温州美业有限公司\n行政部  陈静\n销售部经理  孙强\n2026年11月4日"
        assert made["text"].index(texts["respect"]) < made["text"].index(texts["good"]) < made["text"].index("感谢")


async def test_how_long_a_store_has_been_a_customer_is_recalled_where_it_is_known(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    """Else the part needs no knowledge; so does a greeting without a name."""
    async with writing(fresh_database, tmp_path) as service:
        await service.given(profile())
        customer = new_id()
        await service.given(
            CustomerRegistered.model_validate(
                {"customer_id": customer, "kind": "store", "registered_at": "2020-11-05T00:00:00+08:00"}
            )
        )
        id_ = await inspected(service, None, customer_id=str(customer), complainant=None)

        zh, en = await draft(service, id_), await draft(service, id_, language="en", channel="letter")

        assert zh["channel"] == "phone", "no contact is known"
        assert "已有5年" in zh["parts"][3]["text"], "six years from tomorrow on"
        assert en["greeting"] == "Dear customer,"
        assert "with us for 5 years" in en["parts"][3]["text"]
        await service.given(ContactListed(customer_id=customer, kind="store", name="丽人美容院", emails=["a@b.cn"]))
        assert (await draft(service, id_))["greeting"] == "尊敬的丽人美容院："


async def test_what_was_written_in_another_language_is_named(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        await service.given(profile())
        id_ = await inspected(service)
        given = {"kind": "gift", "cost": "50.00", "text": "A travel set"}
        assert (await service.post(f"/complaints/{id_}/compensations", given)).status_code == 201

        zh, en = await draft(service, id_), await draft(service, id_, language="en")

        assert (zh["other_language"], en["other_language"]) == (["compensation"], ["solution"])


async def test_nothing_is_sent_with_a_hole_in_it(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        id_ = await inspected(service)
        made = await draft(service, id_)
        assert made["missing"] == ["company", "signatories"], "there is no profile"

        refused = await service.post(f"/complaints/{id_}/reply", {"text": made["text"]})

        assert (refused.status_code, refused.json()["slug"]) == (422, "template-hole")
        (error,) = refused.json()["errors"]
        assert error["pointer"] == "#/text"
        assert "{company}, {signatories}" in error["detail"]
        assert await replies(service, id_) == []
        assert "reply" not in [fact.step for fact in await service.facts(ComplaintStepDone)]


@pytest.mark.parametrize(
    "hole", ["{客户姓名}", "｛name｝", "{0}", "{name1}", "{name!r}", "{name", "}", "{}", "｛"]
)  # fmt: skip
async def test_whatever_looks_like_a_hole_is_one(fresh_database: FreshDatabase, tmp_path: Path, hole: str) -> None:
    async with writing(fresh_database, tmp_path) as service:
        id_ = await inspected(service)
        text = f"尊敬的{hole}\n您好。"

        checked = await service.post(f"/complaints/{id_}/reply/check", {"text": text})
        refused = await service.post(f"/complaints/{id_}/reply", {"channel": "letter", "text": text})

        assert checked.json()["missing"] == [hole]
        assert (refused.status_code, refused.json()["slug"]) == (422, "template-hole")


async def test_characters_that_no_letter_can_show_are_named(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        id_ = await inspected(service)
        text = "尊敬的𠮷野家：é — “谢谢” 😀\r\n𠮷"

        checked = await service.post(f"/complaints/{id_}/reply/check", {"text": text})
        sent = await service.post(f"/complaints/{id_}/reply", {"channel": "letter", "text": text})

        assert checked.json()["unprintable"] == sent.json()["unprintable"] == ["𠮷", "😀"]
        assert sent.status_code == 200, "it may be read out, or written by hand"


async def test_who_edited_it_sends_it_and_the_step_is_done_by_it(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        await service.given(profile())
        id_ = await inspected(service)
        administration = await service.colleague("admin_dept")
        made = await draft(service, id_)
        body = {"text": made["text"] + "\n\n另祝生意兴隆。", "subject": made["subject"], "template_version": 1}

        path, as_administration = f"/complaints/v1/complaints/{id_}/reply", as_role("admin_dept", administration)
        sent = await service.http.post(path, json=body, headers=as_administration)
        await service.run_loops()

        assert sent.status_code == 200, sent.text
        (message,) = [each for each in service.messages() if each["subject"] == made["subject"]]
        assert (message["channel"], message["to"], message["body"]) == ("email", "mail@example.com", body["text"])
        (reply,) = await replies(service, id_)
        assert (reply["id"], reply["state"], reply["channel"]) == (sent.json()["reply_id"], "sent", "email")
        assert (reply["written_by"], reply["text"]) == (str(administration), body["text"])
        done = [fact for fact in await service.facts(ComplaintStepDone) if fact.step == "reply"]
        assert [fact.owner_id for fact in done] == [administration]
        told = [
            (each["what"], each["entered_by"])
            for each in (await service.get(f"/complaints/{id_}/history")).json()["items"]
        ]
        assert told[-2:] == [("step:reply", str(administration)), ("reply:email", None)]
        again = await service.http.post(path, json=body, headers=as_administration)
        assert (again.status_code, again.json()["slug"]) == (409, "step-done")
        assert len(await replies(service, id_)) == 1


async def test_whom_no_message_reaches_is_read_the_script(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        id_ = await inspected(service, LANDLINE)
        assert (await draft(service, id_))["channel"] == "phone"
        reply_id = (await service.post(f"/complaints/{id_}/reply", {"text": "实在对不起，三日内换新。"})).json()[
            "reply_id"
        ]
        await service.run_loops()
        (reply,) = await replies(service, id_)
        assert (reply["state"], reply["text"]) == ("to_read", "实在对不起，三日内换新。")
        path = f"/complaints/v1/complaints/{id_}/replies/{reply_id}/read"

        for _ in range(2):
            read = await service.http.post(path, headers=as_role("cs_specialist", SPECIALIST))
            assert read.status_code == 200, read.text

        (reply,) = await replies(service, id_)
        assert (reply["state"], reply["ended_by"]) == ("read", str(SPECIALIST))
        history = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert [each["what"] for each in history].count("reply:phone") == 1
        assert await service.refused(f"/complaints/{id_}/replies/{reply_id}/posted") == (409, "reply-not-open")
        assert await service.refused(f"/complaints/{id_}/replies/{new_id()}/read") == (404, "no-such-reply")


async def test_what_no_channel_takes_is_said_and_can_be_put_on_paper(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    """An SMS that was asked for goes by no other channel instead."""
    async with writing(fresh_database, tmp_path) as service:
        id_ = await inspected(service, "mail@example.com")
        body = {"text": "三日内换新。", "channel": "sms"}
        reply_id = (await service.post(f"/complaints/{id_}/reply", body)).json()["reply_id"]
        await service.run_loops()
        (reply,) = await replies(service, id_)
        assert (reply["state"], reply["reason"]) == ("refused", "no_address")
        [told] = await service.facts(ComplaintReplyUnreached)
        assert (str(told.reply_id), told.reason, str(told.staff_id)) == (reply_id, "no_address", reply["written_by"])
        history = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert [entry["what"] for entry in history][-1] == "reply_unreached"

        posted = await service.post(f"/complaints/{id_}/replies/{reply_id}/posted")

        (reply,) = posted.json()["items"]
        assert (reply["state"], reply["channel"]) == ("printed", "letter")


async def test_every_letter_and_page_names_the_line_of_the_profile(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        await service.given(profile())
        opened = (await service.post("/complaints", by(MOBILE))).json()
        (message,) = await service.sent()
        assert "400-888-1234" in message["body"]
        page = await service.http.get(f"/complaints/track/{opened['tracking_token']}", headers={"Authorization": ""})
        assert "400-888-1234" in page.text
        assert "400-000-0000" not in page.text + message["body"]


@pytest.mark.parametrize("merged", ["", "before", "after"])
async def test_a_reply_waits_for_a_contact(fresh_database: FreshDatabase, tmp_path: Path, merged: str) -> None:
    async with writing(fresh_database, tmp_path) as service:
        customer = await service.customer()
        id_ = await inspected(service, None, customer_id=str(customer), complainant=None)
        await service.post(f"/complaints/{id_}/reply", {"text": "三日内换新。"})
        await service.run_loops()
        assert [(each["state"], each["reason"]) for each in await replies(service, id_)] == [("held", "no_contact")]

        reached = await service.customer() if merged else customer
        if merged == "before":
            await merge(service, customer, reached)
        await service.given(ContactListed(customer_id=reached, kind="store", name="丽人", phones=[MOBILE]))
        if merged == "after":
            await merge(service, customer, reached)
        await service.run_loops()

        assert [(each["state"], each["channel"]) for each in await replies(service, id_)] == [("sent", "sms")]


async def test_what_looks_like_a_wrong_reaction_is_hinted_at_and_not_refused(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        id_ = await inspected(service)

        answer = await service.post(f"/complaints/{id_}/reply", {"text": "这是您自己使用不当造成的，公司规定不能退。"})

        assert answer.status_code == 200
        hints = {each["reaction"]: each["words"] for each in answer.json()["hints"]}
        assert hints == {"blaming": ["您自己", "使用不当"], "dodging": ["公司规定"]}


async def test_an_edited_text_is_checked_before_it_goes_and_nothing_is_done_by_it(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        id_ = await inspected(service)
        before = await service.read(id_)

        blaming = await service.post(f"/complaints/{id_}/reply/check", {"text": "{name}，这是您自己使用不当造成的。"})
        foreign = await service.post(f"/complaints/{id_}/reply/check", {"text": "We are sorry.", "language": "zh-CN"})

        found = blaming.json()
        assert (found["missing"], found["in_other_language"]) == (["{name}"], False)
        assert [(each["reaction"], each["words"]) for each in found["hints"]] == [("blaming", ["您自己", "使用不当"])]
        assert foreign.json() == {"missing": [], "hints": [], "in_other_language": True, "unprintable": []}
        assert (await service.read(id_), await replies(service, id_)) == (before, [])
        assert await service.refused(f"/complaints/{new_id()}/reply/check", {"text": "x"}) == (404, "no-such-complaint")


async def test_templates_are_edited_with_checked_variables(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        await service.given(profile())
        id_ = await inspected(service)
        wording = {
            "channel": "email",
            "language": "zh-CN",
            "subject": "答复 {number}",
            "greeting": ["您好："],
            "parts": {part: [f"{part}。"] for part in PARTS} | {"solution": ["办法：{solution}。"]},
            "closing": ["{company}"],
        }

        async def refused(**changes: Any) -> tuple[str, str, str]:
            answer = await service.post("/reply-templates", {**wording, **changes})
            assert answer.status_code == 422, answer.text
            (error,) = answer.json()["errors"]
            return answer.json()["slug"], error["pointer"], error["detail"]

        slug, pointer, detail = await refused(subject="{nummer}")
        assert (slug, pointer) == ("unknown-variable", "#/subject")
        assert "there is no {nummer}; there are: {number}" in detail
        for broken in ("{", "}", "{}", "{number!r}", "{number:>9}", "{number.x}", "{0}"):
            assert (await refused(closing=[broken]))[:2] == ("template-hole", "#/closing/0"), broken
        slug, pointer, detail = await refused(parts={**wording["parts"], "good": ["{years}年。"]})  # type: ignore[dict-item]  # what JSON has said
        assert (slug, pointer) == ("template-hole", "#/parts/good/0")
        assert "{years} may be unknown" in detail
        assert (await refused(parts={part: ["x"] for part in PARTS[:4]}))[0] == "invalid"
        assert (await draft(service, id_))["template_version"] == 1, "nothing half done"

        written = await service.post("/reply-templates", wording)

        assert (written.status_code, written.json()["version"]) == (201, 2)
        made = await draft(service, id_)
        assert (made["template_version"], made["subject"][:3]) == (2, "答复 ")
        assert made["parts"][1]["text"] == "办法：三日内更换同款面霜。"
        assert (await draft(service, id_, language="en"))["greeting"] == "Dear 王小姐,", "the others are as before"
        versions = (await service.get("/reply-templates")).json()["items"]
        assert [each["version"] for each in versions] == [2, 1]
        assert len(versions[1]["templates"]) == 8


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("channel", ["phone", "sms", "email", "letter"])
async def test_every_template_that_comes_along_is_whole(
    fresh_database: FreshDatabase, tmp_path: Path, channel: str, language: str
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        await service.given(profile())
        made = await draft(service, await inspected(service), channel=channel, language=language)

        assert (made["missing"], made["hints"]) == ([], [])
        assert [each["part"] for each in made["parts"] if each["text"]] == list(PARTS)
        assert "{" not in made["text"]


async def test_guidance_is_there_for_everybody_and_is_edited(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        read = await service.http.get("/complaints/v1/guidance", headers=as_role("salesperson", SALESPERSON))
        guidance = read.json()["guidance"]
        for language in ("zh-CN", "en"):
            assert [len(guidance[language][name]) for name in ("steps", "reactions", "kinds")] == [6, 8, 3]
        zh = guidance["zh-CN"]
        zh["reactions"][4]["signs"] = ["岂有此理"]

        written = await service.post("/guidance", {"language": "zh-CN", **zh})

        assert (written.status_code, written.json()["version"]) == (201, 2)
        assert written.json()["guidance"]["en"] == guidance["en"]
        id_ = await inspected(service)
        answer = await service.post(f"/complaints/{id_}/reply", {"text": "真是岂有此理。"})
        assert [each["reaction"] for each in answer.json()["hints"]] == ["rudeness"]
        zh["reactions"] = zh["reactions"][:7]
        refused = await service.post("/guidance", {"language": "zh-CN", **zh})
        assert (refused.status_code, refused.json()["slug"]) == (422, "guidance-incomplete")
        assert [each["version"] for each in (await service.get("/guidance/versions")).json()["items"]] == [2, 1]


async def test_who_does_not_see_the_case_sees_no_reply(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        id_ = await inspected(service)
        stranger = as_role("beauty_mentor", await service.colleague("beauty_mentor"))

        for path in ("reply/draft", "replies"):
            hidden = await service.http.get(f"/complaints/v1/complaints/{id_}/{path}", headers=stranger)
            assert (hidden.status_code, hidden.json()["slug"]) == (404, "no-such-complaint"), path
        sent = await service.http.post(f"/complaints/v1/complaints/{id_}/reply", json={"text": "x"}, headers=stranger)
        assert sent.status_code == 404


async def test_nothing_is_kept_of_a_reply_to_who_is_erased_while_it_goes(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        await service.given(profile())
        id_ = await inspected(service)
        sent = await service.post(f"/complaints/{id_}/reply", {"text": (await draft(service, id_))["text"]})
        assert sent.status_code in (200, 201, 202), sent.text
        monkeypatch.setattr(service.service.context.providers, "send", Erasing(service, UUID(id_)).send)

        await service.run_loops()

        left = await service.database.fetch("SELECT state, reference FROM reply_letter")
        assert [tuple(each) for each in left] == [("sent", None)]
