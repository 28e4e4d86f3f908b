"""Routes of adverse reactions: what is known of one, that the authority was told, what they show, the policy."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response as RawResponse

from services.complaints.adverse_reactions import queries
from services.complaints.adverse_reactions.domain import (
    MOST_SYMPTOMS,
    NoAdverseReaction,
    ReactionDay,
    ReactionSaid,
    ReportTime,
    SafetyReported,
    Symptom,
    UnknownSymptom,
)
from services.complaints.adverse_reactions.handlers import entering, reporting
from services.complaints.cases.api.standing import CaseId, CaseOut, standing
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.queries import list_versions
from shared.contracts.safety import Severity
from shared.http.answers import json_answer
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, Code, Day, ExternalNo, Line, Moment, Reason, YesOrNo
from shared.http.paging import Order, Page, Paging
from shared.http.preconditions import IfMatch, etag, set_etag
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "product safety")

LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)
Days = Annotated[int, Field(ge=1, le=366), NO_TEXT]


class ReactionIn(BaseModel):
    """All that is known of a case's adverse reaction; it takes the place of what was entered before."""

    model_config = ConfigDict(extra="forbid")

    product: Annotated[
        ExternalNo | None, Field(description="the product, as it stands on the pack or in purchases")
    ] = None
    batch: Annotated[ExternalNo | None, Field(description="its batch, as it stands on the pack")] = None
    symptoms: Annotated[
        list[Code], Field(max_length=MOST_SYMPTOMS, description="what it shows: codes of `symptoms`, up to 20")
    ] = []
    severity: Annotated[
        Severity | None,
        Field(description="how bad it is; `mild` where symptoms are given alone; null without any: it was none"),
    ] = None
    reaction_on: Annotated[Day | None, Field(description="its day; when the case happened unless said")] = None

    def said(self) -> ReactionSaid:
        symptoms = tuple(dict.fromkeys(self.symptoms))
        return ReactionSaid(self.product, self.batch, symptoms, self.severity, self.reaction_on)


class SafetyReportIn(BaseModel):
    """When the authority was told, and under which number."""

    model_config = ConfigDict(extra="forbid")

    report_no: Annotated[ExternalNo | None, Field(description="the number that the authority gave")] = None
    at: Annotated[Moment | None, Field(description="when it was told; now unless said")] = None
    reason: Annotated[
        Reason | None, Field(description="why what was entered before is put right, 1 to 2,000 characters; kept sealed")
    ] = None


class SafetyReportOut(BaseModel):
    """That the authority was told of an adverse reaction."""

    complaint_id: UUID
    severity: Severity = Field(description="how bad the reaction is")
    due_at: datetime = Field(description="until when the authority had to hear of it")
    reported_at: datetime = Field(description="when it was told")
    report_no: str | None = Field(description="the number that the authority gave; null where nobody said")
    in_time: bool = Field(description="whether that was in time")


class SymptomIn(BaseModel):
    """What it is called, and whether it is in use."""

    model_config = ConfigDict(extra="forbid")

    name_en: Line
    name_zh: Line
    active: YesOrNo = True


class SymptomOut(SymptomIn):
    """What a reaction can show, as it is kept."""

    model_config = ANSWERED
    code: str = Field(description="the code, such as `rash`")
    version: int = Field(description="counts its changes from 1")


class ReportDaysIn(BaseModel):
    """How many days a report to the authority may take, by how bad the reaction is."""

    model_config = ConfigDict(extra="forbid")

    mild: Annotated[Days, Field(description="days for a mild reaction")]
    moderate: Annotated[Days, Field(description="days for a moderate reaction")]
    severe: Annotated[Days, Field(description="days for a severe reaction")]
    public_danger: Annotated[Days, Field(description="days for what endangers the public")]

    @model_validator(mode="after")
    def _the_worse_the_sooner(self) -> "ReportDaysIn":
        if not self.public_danger <= self.severe <= self.moderate <= self.mild:
            raise ValueError("the worse a reaction, the sooner it is reported: public_danger, severe, moderate, mild")
        return self


class ReportDaysOut(ReportDaysIn):
    """The same, as a version says it."""

    model_config = ANSWERED


class SafetyPolicyIn(BaseModel):
    """When a batch is alarmed, and how long the authority may wait, from now on."""

    model_config = ConfigDict(extra="forbid")

    reactions: Annotated[int, Field(ge=2, le=100, description="so many reactions to a batch alarm it"), NO_TEXT]
    days: Annotated[Days, Field(description="at most so many days lie between the first and the last of them")]
    buyers_within_days: Annotated[
        int, Field(ge=1, le=3660, description="warned is who bought of the batch within so many days"), NO_TEXT
    ]
    report_days: ReportDaysIn = Field(description="how many days a report may take")
    warn_percent: Annotated[
        int, Field(ge=1, le=99, description="after so much of them administration is warned"), NO_TEXT
    ]
    starts_at: Annotated[Moment | None, Field(description="from when on it holds; now unless said")] = None


class SafetyPolicyOut(BaseModel):
    """A version of the policy of product safety."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int
    reactions: int = Field(description="so many reactions to a batch alarm it")
    days: int = Field(description="at most so many days lie between the first and the last of them")
    buyers_within_days: int = Field(description="warned is who bought of the batch within so many days")
    report_days: ReportDaysOut = Field(description="how many days a report may take")
    warn_percent: int = Field(description="after so much of them administration is warned")
    starts_at: datetime = Field(description="from when on it holds")


@routes.post("/complaints/{id}/reaction", response_model=CaseOut)
@raises(ComplaintNotFound, ReactionDay, UnknownSymptom)
async def record_reaction(id: CaseId, body: ReactionIn, context: Injected[Context], caller: Caller) -> RawResponse:
    """Enters what is known of a case's adverse reaction, or puts it right: product, batch, symptoms, how bad it is.

    The time to report it counts from when it was first known: worse, it is due earlier; milder, it may be due later.
    """
    case = await entering.enter(context, id, body.said(), caller)
    return json_answer(standing(case, context.clock.now()), headers={"ETag": etag(case.version)})


@routes.post("/complaints/{id}/safety-report")
@raises(ComplaintNotFound, NoAdverseReaction, ReportTime, SafetyReported)
async def report_reaction(
    id: CaseId, body: SafetyReportIn, context: Injected[Context], caller: Caller
) -> SafetyReportOut:
    """The authority was told of the adverse reaction: its clock stops. Entered again with a reason, it is put right."""
    _, reaction = await reporting.report(context, id, body.report_no, body.at, body.reason, by=caller.id)
    assert reaction.reported_at is not None  # noqa: S101  that is what the use case does
    return SafetyReportOut(
        complaint_id=id,
        severity=reaction.severity,
        due_at=reaction.report_due_at,
        reported_at=reaction.reported_at,
        report_no=reaction.report_no,
        in_time=reaction.reported_at < reaction.report_due_at,
    )


@routes.get("/symptoms")
async def list_symptoms(context: Injected[Context]) -> Page[SymptomOut]:
    """What a reaction can show; there are few such codes, so this is one page."""
    return Page(items=[SymptomOut(**asdict(symptom)) for symptom in await queries.list_symptoms(context)])


@routes.put("/symptoms/{code}")
async def keep_symptom(
    code: Annotated[Code, Path(description="the code, such as `rash`")],
    body: SymptomIn,
    context: Injected[Context],
    response: Response,
    expected_version: IfMatch,
) -> SymptomOut:
    """Adds a symptom, or (with If-Match) renames it or takes it out of use; cases keep it."""
    asked = Symptom(code=code, version=1, **dict(body))
    kept = await entering.keep_symptom(context, asked, expected_version=expected_version)
    set_etag(response, kept.version)
    return SymptomOut(**asdict(kept))


@routes.post("/safety-policies", status_code=201)
async def write_safety_policy(
    body: SafetyPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> SafetyPolicyOut:
    """A new version: it holds for what becomes known after its start. The operator confirms the days with counsel."""
    definition = body.model_dump(exclude={"starts_at"})
    policy = await entering.write_policy(context, definition, body.starts_at, by=caller.id)
    response.headers["Location"] = "/complaints/v1/safety-policies"
    return _out(policy)


@routes.get("/safety-policies")
async def list_safety_policies(context: Injected[Context], paging: Paging) -> Page[SafetyPolicyOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(list_versions, context, "product_safety"), _out)


def _out(policy: PolicyVersion) -> SafetyPolicyOut:
    definition: dict[str, Any] = dict(policy.definition)
    return SafetyPolicyOut(id=policy.id, version=policy.version, starts_at=policy.starts_at, **definition)
