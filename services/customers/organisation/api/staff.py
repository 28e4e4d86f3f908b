"""Routes of staff."""

from dataclasses import asdict
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.organisation import domain, handlers, queries
from services.customers.organisation.domain import (
    AddressRefused,
    Channel,
    EntryNotFound,
    RobotRefused,
    RoleRefused,
    Staff,
    SuccessorRefused,
    SupervisorCycle,
    UnknownDepartment,
)
from shared.auth.principal import Principal
from shared.contracts.customers import Robot
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Address, Line, YesOrNo
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.languages import Language
from shared.references import UnknownBrand, UnknownStaff

routes = router("/customers/v1", "organisation")

Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", examples=["salesperson"])]
"""A role of domain 1, or another code of lower-case letters, digits and underscores."""
Secret = Annotated[str, Field(pattern=r"^[!-~]{1,200}$", examples=["SEC000000000000000000000"])]
"""The secret of a robot: up to 200 characters that a keyboard has, without spaces."""


Skill = Annotated[
    str,
    Field(
        pattern=r"^(subject:[a-z0-9_]{1,40}|language:(zh-CN|en)|brand:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
        examples=["subject:product", "language:en"],
    ),
]
Skills = Annotated[
    list[Skill],
    Field(max_length=50, description="what cases they know best: `subject:…`, `brand:…` (its id), `language:…`"),
    AfterValidator(lambda skills: sorted(set(skills))),
]


class StaffIn(BaseModel):
    """A colleague by work name; `address` is a work e-mail, a phone number or a URL, as `channel` needs it. `robot`
    says whose group robot a URL is (a known host tells it as well), `secret` signs the messages to it."""

    model_config = ConfigDict(extra="forbid")
    name: Line
    role: Role
    department_id: UUID | None = None
    supervisor_id: UUID | None = None
    channel: Channel = "email"
    address: Address | None = None
    robot: Robot | None = None
    secret: Secret | None = None
    language: Language = "zh-CN"
    skills: Skills = Field(default_factory=list)


class StaffPatch(Patch):
    """Only what is sent changes. `active` false: this person leaves; every team seat goes to `successor_id`. Robot and
    secret belong to the address: another one begins without them, unless they are sent along."""

    name: Line = ""
    role: Role = ""
    department_id: UUID | None = None
    supervisor_id: UUID | None = None
    channel: Channel = "email"
    address: Address | None = None
    robot: Robot | None = None
    secret: Secret | None = None
    language: Language = "zh-CN"
    active: YesOrNo = True
    successor_id: UUID | None = None
    skills: Skills = Field(default_factory=list)


class StaffOut(BaseModel):
    """A colleague. Administration and the person read `address` in full, others masked, partners never; nobody reads
    the secret of a robot."""

    id: UUID
    name: str
    role: str
    department_id: UUID | None
    supervisor_id: UUID | None
    channel: Channel
    address: str | None
    robot: Robot | None
    signed: bool
    language: Language
    active: bool
    successor_id: UUID | None
    skills: list[str]

    @classmethod
    def seen_by(cls, staff: Staff, caller: Principal) -> "StaffOut":
        shown = domain.seen_by(staff, caller)
        return cls.model_validate({**asdict(shown), "signed": shown.secret is not None})


def _answer(response: Response, staff: Staff, caller: Principal) -> StaffOut:
    set_etag(response, staff.version)
    return StaffOut.seen_by(staff, caller)


@routes.post("/staff", status_code=201)
@raises(AddressRefused, RobotRefused, RoleRefused, UnknownBrand, UnknownDepartment, UnknownStaff)
async def add_staff(body: StaffIn, context: Injected[Context], caller: Caller, response: Response) -> StaffOut:
    """A new colleague; one with the role admin is entered by an administrator."""
    staff = await handlers.add_staff(context, body.model_dump(), by=caller)
    response.headers["Location"] = f"/customers/v1/staff/{staff.id}"
    return _answer(response, staff, caller)


@routes.get("/staff")
async def list_staff(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    role: Role | None = None,
    department_id: UUID | None = None,
    active: Annotated[bool | None, Query(description="false: who has left")] = None,
) -> Page[StaffOut]:
    """Colleagues, in the order of entry; also those who have left, unless `active` is asked for."""
    filters = {"role": role, "department_id": department_id, "active": active}
    read = partial(queries.entries, context, Staff, wanted=filters)
    return await paging.page(BY_ID, filters, read, lambda staff: StaffOut.seen_by(staff, caller))


@routes.get("/staff/{staff_id}")
@raises(EntryNotFound)
async def read_staff(staff_id: UUID, context: Injected[Context], caller: Caller, response: Response) -> StaffOut:
    """One colleague."""
    return _answer(response, await queries.entry(context, Staff, staff_id), caller)


@routes.patch("/staff/{staff_id}")
@raises(
    AddressRefused,
    EntryNotFound,
    RobotRefused,
    RoleRefused,
    SuccessorRefused,
    SupervisorCycle,
    UnknownBrand,
    UnknownDepartment,
    UnknownStaff,
)
async def change_staff(
    staff_id: UUID,
    body: StaffPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> StaffOut:
    """Changes a colleague; who leaves hands the seats in account teams to the successor, or leaves them empty."""
    changed = await handlers.change_staff(context, staff_id, body.changes(), expected_version, by=caller)
    return _answer(response, changed, caller)
