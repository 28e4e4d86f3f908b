"""Adverse reactions as cases tell of them: kept after the fact, so that recording a case waits for nothing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.adverse_reactions import store
from services.complaints.adverse_reactions.domain import AdverseReaction, SafetyPolicy, product_among, severity_of
from services.complaints.adverse_reactions.queries import policy_in_force
from services.complaints.adverse_reactions.store import CaseSaid
from services.complaints.context import Context
from services.complaints.purchases.domain import key_of
from shared.contracts.safety import Severity
from shared.db import Connection

_TOLD: Final = ("reported_at", "reported_by", "report_no")
_REPORT: Final = (
    *_TOLD, "severity", "known_at", "report_due_at", "policy_version", "warn_at", "warned_at", "missed_at",
)  # fmt: skip


class Kept(NamedTuple):
    """What was kept of a case's reaction before, and what is now."""

    before: AdverseReaction | None
    after: AdverseReaction


async def keep(
    context: Context, transaction: Connection, ids: Collection[UUID], *, known_at: datetime | None = None
) -> list[Kept]:
    """Keeps the reactions of these cases as they tell of them now; that of a case which tells of none counts nowhere.
    The turn of the numbers of their batches is held from here on.

    What is new has been known since `known_at`, None: since its case was recorded.
    """
    if not ids:
        return []
    cases = await store.cases(transaction, context.words, ids)
    await store.take_turn(transaction, {key_of(case.batch) for case in cases if case.batch})
    return await _keep(context, transaction, cases, known_at)


async def name(context: Context, transaction: Connection, batch_keys: Collection[str]) -> list[Kept]:
    """Keeps anew the reactions to batches of these numbers of which no product was known, where just one is known now.

    The turn of these numbers is held, or shared.
    """
    nameless = await store.nameless(transaction, batch_keys)
    known = await store.products_of(transaction, set(nameless.values()))
    ids = [id_ for id_, key in nameless.items() if len(known.get(key, ())) == 1]
    if not ids:
        return []
    return await _keep(context, transaction, await store.cases(transaction, context.words, ids), None)


async def _keep(
    context: Context, transaction: Connection, cases: Sequence[CaseSaid], known_at: datetime | None
) -> list[Kept]:
    before = await store.lock(transaction, [case.id for case in cases])
    policy = await policy_in_force(transaction, context.clock.now())
    known = await store.products_of(transaction, {key_of(case.batch) for case in cases if case.batch})
    kept = [
        _kept(case, before.get(case.id), known, _Since(known_at or case.recorded_at, policy, context.zone))
        for case in cases
    ]
    moves = [each for each in kept if each is not None]
    await store.keep(transaction, [each.after for each in moves])
    return moves


class _Since(NamedTuple):
    """Since when something of a reaction is known that is new, by which policy and in which zone it is judged."""

    known_at: datetime
    policy: SafetyPolicy
    zone: ZoneInfo


def _kept(
    case: CaseSaid, before: AdverseReaction | None, known: Mapping[str, frozenset[str]], since: _Since
) -> Kept | None:
    severity = severity_of(case.details.severity, case.details.symptoms)
    judged = severity or (before.severity if before is not None else None)
    if judged is None:
        return None
    batch_key = key_of(case.batch) if case.batch else None
    product_key = _product_key(case, known.get(batch_key or "", frozenset()))
    same_goods = before is not None and before.batch_key == batch_key and before.product_key in ("", product_key)
    after = AdverseReaction(
        complaint_id=case.id,
        number=case.number,
        customer_id=case.customer_id,
        product=case.details.product or case.against,
        batch=case.batch,
        product_key=product_key,
        batch_key=batch_key,
        reacted_on=case.details.reaction_on or (case.happened_at or case.recorded_at).astimezone(since.zone).date(),
        counts=severity is not None and case.valid is not False and case.good_faith is not False,
        silent=case.taken_over,
        settled=before is not None and before.settled and same_goods,
        **_of_the_report(before, judged, since.known_at, since.policy),
    )
    return Kept(before, after)


def _product_key(case: CaseSaid, known: frozenset[str]) -> str:
    said = case.details.product or case.against
    return product_among(key_of(said) if said else "", case.details.product is not None, known)


def _of_the_report(
    before: AdverseReaction | None, severity: Severity, known_at: datetime, policy: SafetyPolicy
) -> dict[str, Any]:
    """Until when the authority must hear of it: from when a reaction was first known, by how bad it is now. An end that
    moves is warned of anew; a miss that was told stays."""
    if before is None:
        return {
            **dict.fromkeys((*_TOLD, "warned_at", "missed_at")),
            "severity": severity,
            "known_at": known_at,
            **_due(known_at, known_at + policy.allowed(severity), policy),
        }
    kept = {**{name: getattr(before, name) for name in _REPORT}, "severity": severity}
    due_at = before.due_as(severity, policy, known_at)
    if due_at == before.report_due_at:
        return kept
    warned_at = before.warned_at if before.missed_at is not None else None
    return {**kept, **_due(before.known_at, due_at, policy), "warned_at": warned_at}


def _due(known_at: datetime, due_at: datetime, policy: SafetyPolicy) -> dict[str, Any]:
    return {
        "report_due_at": due_at,
        "policy_version": policy.version,
        "warn_at": known_at + (due_at - known_at) * policy.warn_percent / 100,
    }
