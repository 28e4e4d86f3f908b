"""The demo's staff: who supervises whom, and the channel by which each is reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from deploy.demo import names
from deploy.demo.backend import Backend, Json

SERVICE, BRAND = "客户服务中心", "品牌运营部"
STORES_PER_TEAM = 120
OF_FIRST_TEAM = 2
"""Which of every three stores; not the two of the story."""
TITLES = {
    "salesperson": "业务员",
    "beauty_mentor": "美容导师",
    "brand_manager": "品牌经理",
    "sales_manager": "业务经理",
    "logistics_manager": "物流经理",
    "cs_specialist": "客服专员",
}
CHANNELS = ("email", "sms", "webhook")


@dataclass(frozen=True, slots=True)
class Post:
    """A position to be filled; `supervisor` is another post's name."""

    name: str
    role: str
    department: str
    supervisor: str | None


class People:
    """Everybody by name; finds who is there already before adding anybody."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._departments: dict[str, str] = {
            item["name"]: item["id"] for item in backend.every("/customers/v1/departments")
        }
        staff = list(backend.every("/customers/v1/staff", active="true"))
        self._ids: dict[str, str] = {item["name"]: item["id"] for item in staff}
        self.names: dict[str, str] = {item["id"]: item["name"] for item in staff}
        self._in_role: dict[str, str] = {}
        for item in sorted(staff, key=_id):
            self._in_role.setdefault(item["role"], item["id"])

    def department(self, name: str) -> str:
        if name not in self._departments:
            self._departments[name] = str(self._backend.post("/customers/v1/departments", {"name": name})["id"])
        return self._departments[name]

    def manages(self, manager_id: str, department: str) -> None:
        self._backend.patch(f"/customers/v1/departments/{self.department(department)}", {"manager_id": manager_id})

    def head(self, role: str, otherwise: str) -> str:
        """The first in a role: who was there before the demo, else somebody new."""
        if role not in self._in_role:
            department = SERVICE if role.startswith(("cs_", "general")) else BRAND
            self._in_role[role] = self.fill(Post(otherwise, role, department, None), {})
        return self._in_role[role]

    def fill(self, post: Post, filled: dict[str, str]) -> str:
        """The id of whoever holds the post; `filled` are the ids by post so far."""
        if post.name not in self._ids:
            self._ids[post.name] = self._add(post, filled.get(post.supervisor or ""))
        return self._ids[post.name]

    def _add(self, post: Post, supervisor_id: str | None) -> str:
        number = len(self._ids)
        channel = CHANNELS[number % len(CHANNELS)]
        added = self._backend.post(
            "/customers/v1/staff",
            {
                "name": post.name,
                "role": post.role,
                "department_id": self.department(post.department),
                "supervisor_id": supervisor_id,
                "channel": channel,
                "address": _address(channel, number),
            },
        )
        self.names[added["id"]] = post.name
        return str(added["id"])


def _id(item: Json) -> str:
    return str(item["id"])


def _address(channel: str, number: int) -> str:
    return {
        "email": f"staff{number}@example.com",
        "sms": f"+86137{number:08d}",
        "webhook": f"https://chat.example.com/hooks/{number}",
    }[channel]


@dataclass(frozen=True, slots=True)
class Company:
    """Who serves: the teams per region, and the chain above the specialists (levels 1 to 5 of decision 17)."""

    names: dict[str, str]
    teams: dict[str, list[dict[str, str]]]
    """Region -> teams (role -> staff id)."""
    first_team: dict[str, str]
    """Who was there before the demo: the people of the ready tokens."""
    chain: tuple[str, ...]

    def team(self, region: str, place: int) -> dict[str, str]:
        """The team of the store at a place: every third is served by the people of the ready tokens."""
        regional = self.teams[region]
        return self.first_team if place % 3 == OF_FIRST_TEAM else regional[place % len(regional)]


def build_company(backend: Backend, stores: int) -> Company:
    """The same people in every run; larger networks get more of them."""
    people = People(backend)
    heads = {
        "general_manager": people.head("general_manager", "总经理 周岚"),
        "cs_manager": people.head("cs_manager", "客服经理 陈明"),
    }
    filled = dict(heads)
    for post in _service():
        filled[post.name] = people.fill(post, filled)
    director, leader, specialist = (filled[post.name] for post in _service())
    people.manages(director, SERVICE)
    teams = {region: _teams(people, filled, region, stores) for region in names.REGIONS}
    heads["cs_specialist"] = specialist
    for team in (team for regional in teams.values() for team in regional):
        team.update(heads)
    chain = (specialist, leader, director, heads["cs_manager"], heads["general_manager"])
    first_team = heads | {role: people.head(role, f"{title} 一组") for role, title in TITLES.items()}
    return Company(people.names, teams, first_team, chain)


def _service() -> tuple[Post, ...]:
    return (
        Post("客服总监 沈瑜", "service_director", SERVICE, "general_manager"),
        Post("客服组长 顾晴", "cs_specialist", SERVICE, "客服总监 沈瑜"),
        Post("客服专员 夏雨", "cs_specialist", SERVICE, "客服组长 顾晴"),
    )


def _teams(people: People, filled: dict[str, str], region: str, stores: int) -> list[dict[str, str]]:
    random = Random(f"people {region}")
    regional = {
        role: people.fill(Post(f"{region}{title} {names.person_name(random)}", role, BRAND, "general_manager"), filled)
        for role, title in (
            ("sales_manager", "业务经理"),
            ("brand_manager", "品牌经理"),
            ("logistics_manager", "物流经理"),
        )
    }
    above = {**filled, **regional}
    count = max(1, round(stores / len(names.REGIONS) / STORES_PER_TEAM))
    return [regional | _pair(people, above, region, random) for _ in range(count)]


def _pair(people: People, above: dict[str, str], region: str, random: Random) -> dict[str, str]:
    posts: Iterable[tuple[str, str, str]] = (
        ("salesperson", "业务员", "sales_manager"),
        ("beauty_mentor", "美容导师", "brand_manager"),
    )
    return {
        role: people.fill(Post(f"{region}{title} {names.person_name(random)}", role, BRAND, boss), above)
        for role, title, boss in posts
    }
