"""Shown in full is what the role needs and, where a purpose is stated, the purpose needs, too (architecture 5)."""

import csv
import io
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

import pytest

from services.customers.masking.domain import NEEDED_BY, in_full
from shared.auth.principal import ALL_ROLES, STAFF_ROLES
from shared.ids import new_id
from shared.purposes import NEEDED_FOR, PERSONAL, PURPOSES
from tests.customers.network import BASE, made, slug, store
from tests.customers.test_dates import entered
from tests.customers.test_owners import hand_over, owner
from tests.customers.test_people import person
from tests.customers.test_prospects import prospect
from tests.customers.test_relations import relate
from tests.customers.test_traits import say
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

PHONE, MAIL, NAME = "+8613800135889", "lin@example.com", "林小月"
LIN = {
    "name": NAME, "kind": "person", "phones": [PHONE], "emails": [MAIL], "address": "温州", "birthday": "1985-10-01",
    "legal_name": "林小月个体经营部", "licence_no": "91110000600037341L",
}  # fmt: skip
ALL, NAMED = set[str](PERSONAL), {"name", "legal_name"}
REACHED = NAMED | {"phones", "emails", "address"}
SHOWN: Final[Mapping[str | None, set[str]]] = {
    None: ALL,
    "care": ALL,
    "correction": ALL,
    "personal_request": ALL,
    "complaint": REACHED,
    "contract": REACHED | {"licence_no"},
    "payment": REACHED | {"licence_no"},
    "inspection": NAMED,
}
"""What each purpose shows to who sees everything by role."""
Place = Callable[[dict[str, str]], Awaitable[tuple[set[str], set[str]]]]
"""Reads something: the fields of it that are masked, and those that are not."""


def test_every_purpose_says_what_it_needs() -> None:
    assert set(SHOWN) == {None, *PURPOSES}
    assert {purpose: set(needed) for purpose, needed in NEEDED_FOR.items()} == {
        purpose: shown for purpose, shown in SHOWN.items() if purpose is not None
    }
    assert set(NEEDED_BY) == ALL


@pytest.mark.parametrize("role", ALL_ROLES)
@pytest.mark.parametrize("purpose", SHOWN)
def test_a_purpose_takes_away_and_never_gives(role: str, purpose: str | None) -> None:
    by_role = {name for name, needed_by in NEEDED_BY.items() if role in needed_by}

    assert in_full(frozenset({role}), purpose) == by_role & SHOWN[purpose]
    assert in_full(frozenset({role}), None) == by_role


def test_what_roles_see_who_state_none_is_as_it_was() -> None:
    whole = in_full(frozenset({"cs_manager"}), None)
    assert whole == ALL
    assert in_full(frozenset({"logistics_manager"}), None) == NAMED | {"licence_no", "phones", "address"}
    assert in_full(frozenset({"general_manager"}), None) == ALL - {"birthday"}
    assert in_full(frozenset({"partner"}), None) == frozenset()
    assert {in_full(frozenset({role}), "inspection") for role in STAFF_ROLES} == {frozenset(NAMED)}


class House:
    """Somebody of each kind of whom something personal is kept, and the places where it is read."""

    lin: UUID
    shop: UUID
    wang: str
    boss: str
    new: str

    def __init__(self, customers: OneService) -> None:
        self.customers = customers

    @classmethod
    async def built(cls, customers: OneService) -> "House":
        self = cls(customers)
        self.lin = UUID((await made(customers, "customers", LIN))["id"])
        self.shop = await store(customers, "美月", phones=["13800135880"], emails=["shop@example.com"])
        self.wang, self.boss = await person(customers, self.shop), await owner(customers, phones=["13900139000"])
        assert (await hand_over(customers, self.shop, self.boss)).status_code == 201
        self.new = (await prospect(customers, address="温州"))["id"]
        await entered(customers, self.shop, person_id=self.wang)
        sister = await person(customers, self.shop, name="王小美", phones=[], emails=[])
        assert (await relate(customers, self.shop, self.wang, "family", sister)).status_code == 201
        assert (await say(customers, self.lin, '"0"', preferences="龙井茶")).status_code == 200
        await made(customers, f"customers/{self.lin}/notes", {"text": "林小月喜欢茶"})
        for change in ({"phones": [PHONE, "13800135881"]}, {"phones": [PHONE]}, {"birthday": "1985-10-02"}):
            path = f"{BASE}/customers/{self.lin}"
            assert (await customers.http.patch(path, json=change, headers={"If-Match": "*"})).status_code == 200
        return self

    async def get(self, path: str, headers: dict[str, str], **asked: str) -> Any:
        answer = await self.customers.http.get(f"{BASE}/{path}", params=asked, headers=headers)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def places(self) -> dict[str, Place]:
        """Of each the masked and the other fields, and what the audit enters where one of these is left."""
        lin, shop = f"customers/{self.lin}", f"customers/{self.shop}"
        of_person = ("name", "phones", "emails", "birthday")
        of_customer = ("name", "legal_name", "licence_no", "phones", "emails", "address", "birthday")
        return {
            "customer": self.one(lin, of_customer),
            "store, with the owner's name": self.one(shop, ("name", "phones", "emails")),
            "customers": self.listed("customers", self.lin, of_customer),
            "people": self.listed(f"{shop}/people", self.wang, of_person, traits="birthday"),
            "person": self.one(f"{shop}/people/{self.wang}", of_person, traits="birthday"),
            "relations": self.relations,
            "owner": self.one(f"owners/{self.boss}", ("name", "phones", "emails")),
            "owners": self.listed("owners", self.boss, ("name", "phones", "emails")),
            "prospect": self.one(f"prospects/{self.new}", ("name", "phones", "emails", "address")),
            "prospects": self.listed("prospects", self.new, ("name", "phones", "emails", "address")),
            "traits": self.one(f"{lin}/traits", ("words",), preferences="words"),
            "dates": self.dates,
            "names": self.names,
            "history": self.history,
        }

    def one(self, path: str, fields: tuple[str, ...], **like: str) -> Place:
        async def read(headers: dict[str, str]) -> tuple[set[str], set[str]]:
            return _parted((await self.get(path, headers))["masked"], fields, like)

        return read

    def listed(self, path: str, id_: UUID | str, fields: tuple[str, ...], **like: str) -> Place:
        async def read(headers: dict[str, str]) -> tuple[set[str], set[str]]:
            [found] = [each for each in (await self.get(path, headers))["items"] if each["id"] == str(id_)]
            return _parted(found["masked"], fields, like)

        return read

    async def dates(self, headers: dict[str, str]) -> tuple[set[str], set[str]]:
        listed = (await self.get(f"customers/{self.shop}/dates", headers))["items"]
        coming = (await self.get("dates", headers, **{"from": "2026-11-04", "to": "2026-11-20"}))["items"]
        assert len(listed) == len(coming)
        return (set(), {"birthday"}) if listed else ({"birthday"}, set())

    async def relations(self, headers: dict[str, str]) -> tuple[set[str], set[str]]:
        path = f"customers/{self.shop}/people/{self.wang}/relations"
        [related] = (await self.get(path, headers))["items"]
        return ({"name"}, set()) if "**" in related["name"] else (set(), {"name"})

    async def names(self, headers: dict[str, str]) -> tuple[set[str], set[str]]:
        ids = ",".join((str(self.lin), self.wang, self.boss, self.new))
        found = {each["name"] for each in (await self.get("names", headers, ids=ids))["items"]}
        assert len(found) == 4
        return ({"name"}, set()) if all("**" in each for each in found) else (set(), {"name"})

    async def history(self, headers: dict[str, str]) -> tuple[set[str], set[str]]:
        like = {"note": "words", "trait.preferences": "words"}
        changes = (await self.get(f"customers/{self.lin}/changes", headers))["items"]
        said = {True: set[str](), False: set[str]()}
        for each in changes:
            said[each["masked"]].add(like.get(each["field"], each["field"]))
        assert said[True] | said[False] == {"phones", "birthday", "words"}
        assert not any("13800135881" in str(each["from"]) for each in changes if each["masked"])
        return said[True], said[False]


def _parted(masked: list[str], fields: tuple[str, ...], like: Mapping[str, str]) -> tuple[set[str], set[str]]:
    hidden = {like.get(name, name) for name in masked}
    return hidden, set(fields) - hidden


def _as(purpose: str | None, who: UUID | None = None) -> dict[str, str]:
    return bearer("cs_manager", who or new_id()) | ({} if purpose is None else {"Purpose": purpose})


async def test_each_place_shows_what_the_purpose_needs_and_enters_what_it_shows(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        house = await House.built(customers)
        for purpose, shown in SHOWN.items():
            for place, read in house.places().items():
                who = new_id()
                masked, full = await read(_as(purpose, who))
                assert (masked.isdisjoint(shown), full <= shown) == (True, True), (purpose, place, masked, full)
                entered = await customers.database.fetchval(
                    "SELECT count(*) FROM audit_entry WHERE made_by = $1 AND what LIKE '%.unmasked'", who
                )
                assert (entered > 0) is bool(full) or place in ("customers", "owners"), (purpose, place, entered)


async def test_notes_are_read_for_what_needs_words(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        house = await House.built(customers)
        for purpose, shown in SHOWN.items():
            who = new_id()
            notes = f"{BASE}/customers/{house.lin}/notes"
            answer = await customers.http.get(notes, headers=_as(purpose, who))
            written = await customers.http.post(notes, json={"text": "茶"}, headers=_as(purpose, who))
            assert written.status_code == 201, "who writes is shown nothing by it"
            if "words" in shown:
                assert answer.status_code == 200
            else:
                assert slug(answer) == (403, "notes-not-read")
                assert "care, correction, personal_request" in answer.json()["detail"]
            entered = await customers.database.fetchval(
                "SELECT count(*) FROM audit_entry WHERE made_by = $1 AND what = 'customer.unmasked'", who
            )
            assert (entered > 0) is ("words" in shown)


async def test_nobody_is_found_by_what_the_purpose_does_not_need(fresh_database: FreshDatabase) -> None:
    """Neither in the list nor by a call, nor when a prospect is entered; that it was tried is entered all the same."""
    async with one_service(fresh_database, "customers") as customers:
        house = await House.built(customers)
        for purpose, shown in SHOWN.items():
            who = new_id()
            headers = _as(purpose, who)
            for field, query in (("phones", PHONE), ("emails", MAIL), ("name", NAME)):
                found = (await house.get("customers", headers, q=query, count="true"))["items"]
                assert [each["id"] for each in found] == ([str(house.lin)] if field in shown else []), (purpose, field)
            call = await customers.http.get(f"{BASE}/screen-pop", params={"phone": PHONE}, headers=headers)
            assert slug_or_ok(call) == ((200, "") if "phones" in shown else (404, "unknown-caller"))
            entered = await customers.database.fetch(
                "SELECT subject, purpose FROM audit_entry WHERE made_by = $1 AND what = 'caller.looked_up'", who
            )
            assert [tuple(each) for each in entered] == [(house.lin if "phones" in shown else None, purpose)]
            asked = {"name": "林", "kind": "person", "source": "street_visit", "phones": [PHONE]}
            added = await customers.http.post(f"{BASE}/prospects", json=asked, headers=headers)
            assert added.status_code == 201, added.text
            known = [each["customer_id"] for each in added.json()["known"]]
            assert (str(house.lin) in known) is ("phones" in shown)


async def test_a_call_shows_what_the_purpose_needs_of_all_who_are_met(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        house = await House.built(customers)
        for purpose, hidden in ((None, set[str]()), ("complaint", {"birthday", "traits"})):
            asked = {"phone": "138 0013 8000"}
            answer = await customers.http.get(f"{BASE}/screen-pop", params=asked, headers=_as(purpose))
            pop = answer.json()
            assert pop["id"] == str(house.shop), answer.text
            assert set(pop["callers"][0]["masked"]) == hidden - {"birthday"}
            assert pop["contacts"][0]["masked"] == []
            assert (pop["callers"][0]["tastes"] is None) is bool(hidden)


async def test_files_of_customers_show_what_the_purpose_needs(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        house = await House.built(customers)
        for purpose, shown in SHOWN.items():
            answer = await customers.http.get(f"{BASE}/exports/customers.csv", headers=_as(purpose))
            rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
            [row] = [each for each in rows if str(house.lin) in each.values()]
            masked = ALL - {"words"} - shown
            said = [value or "" for value in row.values()]
            assert any(PHONE in each for each in said) is ("phones" in shown)
            assert NAME in said, "every purpose needs the name"
            assert any(set(each.split()) == masked for each in said)


async def test_all_of_a_person_goes_out_for_what_needs_all_of_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        house = await House.built(customers)
        path = f"{BASE}/persons/{house.lin}/export"
        for purpose, shown in SHOWN.items():
            who = new_id()
            stated = {} if purpose is None else {"Purpose": purpose}
            answer = await customers.http.get(path, headers=bearer("admin_dept", who) | stated)
            if shown == ALL:
                assert answer.status_code == 200
            else:
                assert slug(answer) == (403, "purpose-too-narrow")
            entered = await customers.database.fetchval("SELECT count(*) FROM audit_entry WHERE made_by = $1", who)
            assert entered == int(shown == ALL), "what was refused has no entry"


async def test_the_description_says_what_each_purpose_shows(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        described = (await customers.http.get("/customers/openapi.json")).json()
        parameters = described["paths"][f"{BASE}/customers/{{customer_id}}"]["get"]["parameters"]
        [header] = [each for each in parameters if each["name"] == "Purpose"]
        assert "`care` all; `complaint` name, legal_name, phones, address, emails;" in header["description"]
        assert header["description"].endswith("`inspection` name, legal_name")


def slug_or_ok(answer: Any) -> tuple[int, str]:
    return answer.status_code, "" if answer.status_code == 200 else answer.json()["slug"]
