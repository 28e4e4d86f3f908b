"""Where colleagues are reached: sealed for those who send, readable for administration and oneself (decision 20)."""

from typing import Any
from uuid import UUID

import pytest

from deploy.network import build_service
from services.customers.organisation.handlers import tell_contacts_again
from shared.bus import outbox
from shared.bus.contacts import is_sealed
from shared.bus.event import Event
from shared.contracts.customers import StaffContactListed, StaffListed
from shared.ids import new_id
from shared.settings import SERVICES, ServiceName
from tests.customers.network import BASE, colleague
from tests.postgres import FreshDatabase
from tests.support import AT_FIRST, START, OneService, bearer, one_service, whole_network

MAIL = "hao.sun@example.com"
ROBOT = "https://oapi.dingtalk.com/robot/send?access_token=5ecre7"
READERS: tuple[ServiceName, ...] = ("complaints", "care", "reporting")
MASKED = [
    ("email", MAIL, "h***@example.com"),
    ("sms", "+8613800138000", "+86*******8000"),
    ("webhook", ROBOT, "https://oapi.dingtalk.com/***"),
    ("email", None, None),
]


async def shown(customers: OneService, staff_id: UUID, role: str, reader: UUID) -> Any:
    """The address in the entry, which is the one in the list."""
    headers = bearer(role, reader)
    entry = (await customers.http.get(f"{BASE}/staff/{staff_id}", headers=headers)).json()
    listed = (await customers.http.get(f"{BASE}/staff", headers=headers)).json()["items"]
    assert entry in listed
    return entry["address"]


@pytest.mark.parametrize("channel, address, masked", MASKED)
async def test_administration_and_the_person_read_the_address_others_see_it_masked(
    fresh_database: FreshDatabase, channel: str, address: str | None, masked: str | None
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        seller = await colleague(customers, channel=channel, address=address)

        for role, reader in (("admin", new_id()), ("admin_dept", new_id()), ("general_manager", new_id())):
            assert await shown(customers, seller, role, reader) == address
        assert await shown(customers, seller, "salesperson", seller) == address
        for role in ("salesperson", "sales_manager", "cs_manager", "cs_specialist", "logistics_manager"):
            assert await shown(customers, seller, role, new_id()) == masked


async def test_partners_never_read_staff(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        seller = await colleague(customers, channel="webhook", address=ROBOT)
        for path in ("staff", f"staff/{seller}"):
            answer = await customers.http.get(f"{BASE}/{path}", headers=bearer("partner", new_id()))
            assert answer.status_code == 403
            assert "dingtalk" not in answer.text


SECRET = "SEC5ecretOfTheRobot"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/7oken"
GATEWAY = "https://gateway.example/hook?key=7oken"


async def test_the_secret_of_a_robot_is_read_by_nobody_but_who_sends(fresh_database: FreshDatabase) -> None:
    async with whole_network(fresh_database) as network:
        body = {"name": "孙浩", "role": "salesperson", "channel": "webhook", "address": ROBOT, "secret": SECRET}
        entered = await network.http.post(f"{BASE}/staff", json=body)
        assert (entered.status_code, entered.json()["robot"], entered.json()["signed"]) == (201, "dingtalk", True)
        seller = UUID(entered.json()["id"])
        await network.drain()

        answers = [entered.text]
        for role, reader in (("admin", new_id()), ("salesperson", seller), ("salesperson", new_id())):
            answer = await network.http.get(f"{BASE}/staff/{seller}", headers=bearer(role, reader))
            answers.append(answer.text)
        for name in SERVICES:
            answers.append((await network.http.get(f"/{name}/v1/events", headers=bearer("partner", new_id()))).text)
            rows = await network.database(name).fetch("SELECT data::text FROM event_log")
            answers.append(str(rows))
        assert SECRET not in str(answers)
        assert "dingtalk" not in str(answers[4:])
        kept = await network.database("customers").fetchval("SELECT secret FROM staff WHERE id = $1", seller)
        assert SECRET.encode() not in kept
        kept = await network.database("care").fetchval("SELECT sealed FROM staff_contact")
        assert SECRET.encode() not in kept


async def told(customers: OneService) -> tuple[Any, ...]:
    """What was told last of where somebody is reached."""
    fact = (await customers.facts(StaffContactListed))[-1]
    return fact.channel, fact.address, fact.robot, fact.secret


async def test_a_robot_belongs_to_its_address(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        seller = await colleague(customers, channel="webhook", address=ROBOT, secret=SECRET)
        assert await told(customers) == ("webhook", ROBOT, "dingtalk", SECRET)
        versions = iter(range(1, 20))

        async def change(**body: Any) -> tuple[Any, ...]:
            headers = {"If-Match": f'"{next(versions)}"'}
            answer = await customers.http.patch(f"{BASE}/staff/{seller}", json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            last = await told(customers)
            assert (answer.json()["robot"], answer.json()["signed"]) == (last[2], last[3] is not None)
            return last

        assert await change(name="孙大浩") == ("webhook", ROBOT, "dingtalk", SECRET)
        assert await change(secret="another") == ("webhook", ROBOT, "dingtalk", "another")
        assert await change(address=FEISHU) == ("webhook", FEISHU, "feishu", None)
        assert await change(secret=SECRET) == ("webhook", FEISHU, "feishu", SECRET)
        assert await change(secret=None) == ("webhook", FEISHU, "feishu", None)
        assert await change(address=GATEWAY) == ("webhook", GATEWAY, None, None)
        assert await change(robot="dingtalk", secret=SECRET) == ("webhook", GATEWAY, "dingtalk", SECRET)
        assert await change(robot="feishu") == ("webhook", GATEWAY, "feishu", None)
        assert await change(channel="email", address=MAIL) == ("email", MAIL, None, None)


@pytest.mark.parametrize(
    "said, slug, pointer",
    [
        ({"channel": "email", "address": MAIL, "robot": "feishu"}, "robot-refused", "#/robot"),
        ({"channel": "webhook", "address": ROBOT, "robot": "feishu"}, "robot-refused", "#/robot"),
        ({"channel": "webhook", "address": GATEWAY, "secret": SECRET}, "robot-refused", "#/secret"),
        ({"channel": "webhook", "address": GATEWAY, "robot": "wecom", "secret": SECRET}, "robot-refused", "#/secret"),
        ({"channel": "email", "address": MAIL, "secret": SECRET}, "robot-refused", "#/secret"),
        ({"channel": "webhook", "address": GATEWAY, "robot": "slack"}, "invalid", "#/robot"),
        ({"channel": "webhook", "address": ROBOT, "secret": ""}, "invalid", "#/secret"),
        ({"channel": "webhook", "address": ROBOT, "secret": "with space"}, "invalid", "#/secret"),
        ({"channel": "webhook", "address": ROBOT, "secret": "x" * 201}, "invalid", "#/secret"),
    ],
)
async def test_a_robot_that_cannot_be_is_refused(
    fresh_database: FreshDatabase, said: dict[str, Any], slug: str, pointer: str
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        seller = await colleague(customers)
        body = {"name": "孙浩", "role": "salesperson", **said}
        for answer in (
            await customers.http.post(f"{BASE}/staff", json=body),
            await customers.http.patch(f"{BASE}/staff/{seller}", json=said, headers={"If-Match": '"1"'}),
        ):
            assert (answer.status_code, answer.json()["slug"]) == (422, slug)
            assert answer.json()["errors"][0]["pointer"] == pointer
            assert said.get("secret") in (None, "") or said["secret"] not in answer.text


async def test_no_feed_and_no_log_holds_an_address_and_the_notice_arrives(fresh_database: FreshDatabase) -> None:
    async with whole_network(fresh_database) as network:
        body = {"name": "孙浩", "role": "salesperson", "channel": "webhook", "address": ROBOT}
        entered = await network.http.post(f"{BASE}/staff", json=body)
        assert entered.status_code == 201, entered.text
        assert entered.json()["address"] == ROBOT
        logged = await network.database("customers").fetch("SELECT data::text FROM event_log")
        assert "dingtalk" not in str(logged)
        await network.drain()

        for name in SERVICES:
            feed = (await network.http.get(f"/{name}/v1/events", headers=bearer("partner", new_id()))).text
            assert "dingtalk" not in feed
        for service in READERS:
            assert await network.database(service).fetchval("SELECT address FROM directory_staff") is None
        assert await network.database("care").fetchval("SELECT count(*) FROM staff_contact") == 1


async def test_what_an_older_release_has_logged_is_shown_without_the_address(fresh_database: FreshDatabase) -> None:
    async with whole_network(fresh_database) as network:
        customers = network.network.members["customers"].service.runtime.database
        fact = StaffListed(staff_id=new_id(), name="孙浩", role="salesperson", channel="webhook", address=ROBOT)
        async with customers.transaction() as transaction:
            await outbox.append(transaction, [Event.of(fact, aggregate_id=fact.staff_id, version=1, at=START)])
        await network.drain()

        feed = await network.http.get("/customers/v1/events", headers=bearer("partner", new_id()))
        [listed] = [item for item in feed.json()["items"] if item["type"] == StaffListed.TYPE]
        assert listed["data"] == {**fact.model_dump(mode="json"), "address": None}
        assert "dingtalk" not in feed.text
        for service in READERS:
            assert await network.database(service).fetchval("SELECT address FROM directory_staff") is None


async def test_an_address_that_an_older_release_left_with_readers_goes(fresh_database: FreshDatabase) -> None:
    """All staff are listed once more; care forgets it with the contact, the others with the listing."""
    async with whole_network(fresh_database) as network:
        body = {"name": "孙浩", "role": "salesperson", "channel": "webhook", "address": ROBOT}
        assert (await network.http.post(f"{BASE}/staff", json=body)).status_code == 201
        await network.drain()
        for service in READERS:
            await network.database(service).execute("UPDATE directory_staff SET address = $1", ROBOT)
        await network.database("customers").execute("UPDATE staff SET contact_told = NULL")
        await network.drain()

        for service in READERS:
            assert await network.database(service).fetchval("SELECT address FROM directory_staff") is None


async def test_contacts_that_an_older_release_has_entered_are_told_once(fresh_database: FreshDatabase) -> None:
    """By the release that starts after it: nobody has to think of a command, and a second start tells nothing."""
    async with one_service(fresh_database, "customers") as customers:
        veterans = {await colleague(customers, name=f"老员工{n}", address=f"v{n}@example.com") for n in range(3)}
        before = len(await customers.events())
        assert await customers.run_loops() == 0, "what this release enters is told at once"
        await customers.database.execute("UPDATE staff SET contact_told = NULL")

        assert await customers.run_loops() == 3
        told = (await customers.events())[before:]
        assert {event.type for event in told} == {StaffListed.TYPE, StaffContactListed.TYPE}
        assert all(event.historical and event.aggregate_version == 1 for event in told)
        listings = [event.read(StaffListed) for event in told if event.type == StaffListed.TYPE]
        contacts = [event.read(StaffContactListed) for event in told if event.type == StaffContactListed.TYPE]
        assert {fact.staff_id for fact in listings} == {fact.staff_id for fact in contacts} == veterans
        assert {fact.address for fact in listings} == {None}, "the broker forgets what was listed before"
        assert {fact.address for fact in contacts} == {f"v{n}@example.com" for n in range(3)}

        restarted = build_service("customers", customers.service.runtime)
        for loop in (each for each in restarted.loops if each.name not in AT_FIRST):
            assert await loop.step() == 0


async def test_whom_an_older_release_changes_beside_this_one_is_told_of(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        seller = await colleague(customers)
        await customers.database.execute("UPDATE staff SET address = 'new@example.com', version = 2")

        assert await customers.run_loops() == 1
        last = (await customers.facts(StaffContactListed))[-1]
        assert (last.staff_id, last.address) == (seller, "new@example.com")


async def test_a_new_key_seals_contacts_of_staff_as_well(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers, one_service(fresh_database, "care") as care:
        for number in range(2):
            await colleague(customers, name=f"孙浩{number}")
        before = len(await customers.events())

        assert await tell_contacts_again(customers.service.context) == 2

        again = (await customers.events())[before:]
        await care.deliver(again)
        assert await care.database.fetchval("SELECT count(*) FROM staff_contact") == 2
        rows = await customers.database.fetch("SELECT data::text FROM event_log WHERE topic = 'crm.contacts.v1'")
        assert len(rows) == 4
        assert all('"sealed"' in row["data"] for row in rows)
        assert not any(is_sealed(event) for event in again), "the test reads them opened"
