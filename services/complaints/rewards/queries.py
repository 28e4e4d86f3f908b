"""Reading rewards, and who may be rewarded by figures."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from services.complaints.context import Context
from services.complaints.policies.store import in_force
from services.complaints.rewards import store
from services.complaints.rewards.domain import candidates as domain
from services.complaints.rewards.domain.candidates import Candidate, Colleague, Figures, RewardPolicy
from services.complaints.rewards.domain.rewards import Reward, RewardEntry, RewardNotFound
from shared.auth.visibility import subordinates
from shared.directory_schema import STAFF
from shared.months import Month
from shared.statement import Statement

ABOVE_EVERY_ID: Final = UUID(int=2**128 - 1)

_COLUMNS = ", ".join(store.FIELDS)
_LIST = """
    SELECT {columns} FROM reward
    WHERE id < :before AND month = coalesce(:month::integer, month) AND state = coalesce(:state::text, state)
        AND (:person_id::uuid IS NULL OR staff_ids @> ARRAY[:person_id::uuid])
        AND (:complaint_id::uuid IS NULL OR complaint_id = :complaint_id){seen}
    ORDER BY id DESC
    """
_SEEN = " AND (proposed_by = :viewer::uuid OR staff_ids && ARRAY({people}))"
_READ = "SELECT {columns} FROM reward WHERE id = :id{seen}"
_EVERY = Statement(_LIST, store.reward_of, columns=_COLUMNS, seen="")
_OF_ONES_OWN = Statement(_LIST.replace("{seen}", _SEEN), store.reward_of, columns=_COLUMNS, people=subordinates())
_ONE = Statement(_READ, store.reward_of, columns=_COLUMNS, seen="")
_ONE_OF_ONES_OWN = Statement(_READ.replace("{seen}", _SEEN), store.reward_of, columns=_COLUMNS, people=subordinates())
"""By hand: whom a viewer sees through is a part of SQL that every service shares."""
_FIGURES = Statement(
    """
    SELECT c.responsible_id AS staff_id, count(*)::integer AS cases, sum(said.rated)::integer AS rated,
           coalesce(sum(said.ratios), 0) AS ratios,
           (sum(late.missed) + count(*) FILTER (WHERE c.breached_at IS NOT NULL))::integer AS missed
    FROM complaint c
    CROSS JOIN LATERAL (SELECT count(*) AS rated, sum(s.perceived::numeric / s.expected) AS ratios
                        FROM satisfaction s WHERE s.complaint_id = c.id) said
    CROSS JOIN LATERAL (SELECT count(*) AS missed FROM complaint_round r
                        WHERE r.complaint_id = c.id AND r.breached_at IS NOT NULL) late
    WHERE c.recorded_at >= :starts AND c.recorded_at < :ends AND c.responsible_id IS NOT NULL AND NOT c.taken_over
        AND c.kind NOT IN ('suggestion', 'enquiry')
    GROUP BY c.responsible_id
    """
)
_PENALTIES = Statement(
    """
    SELECT s.staff_id, count(*)::integer AS penalties FROM penalty p JOIN penalty_share s ON s.penalty_id = p.id
    WHERE p.month = :month AND p.state IN ('decided', 'appealed') GROUP BY s.staff_id
    """
)
_REWARDED = Statement(
    "SELECT DISTINCT unnest(staff_ids) AS staff_id FROM reward"
    " WHERE month = :month AND state IN ('proposed', 'granted')"
)
"""By hand: sums over the cases of a month, each with its rounds."""
_AT_WORK = Statement(select(STAFF.c.id, STAFF.c.department_id).where(STAFF.c.active).order_by(STAFF.c.id), Colleague)


async def list_rewards(
    context: Context, filters: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Reward]:
    """Rewards, the latest first; a viewer sees those of themselves and their people, and those that they proposed.

    `filters` are month, person_id, state and complaint_id, None for any.
    """
    month: Month | None = filters["month"]
    wanted = {**filters, "month": month.ordinal if month else None, "before": before or ABOVE_EVERY_ID}
    if viewer is None:
        return await _EVERY.limited(most).all(context.database, **wanted)
    return await _OF_ONES_OWN.limited(most).all(context.database, **wanted, viewer=viewer)


async def read_reward(context: Context, id_: UUID, *, viewer: UUID | None) -> tuple[Reward, list[RewardEntry]]:
    """A reward with what happened to it. Raises RewardNotFound, also where it is not the viewer's to see."""
    if viewer is None:
        found = await _ONE.one(context.database, id=id_)
    else:
        found = await _ONE_OF_ONES_OWN.one(context.database, id=id_, viewer=viewer)
    if found is None:
        raise RewardNotFound("no reward has this id")
    return found, await store.entries_of(context.database, context.words, id_)


async def candidates(context: Context, month: Month) -> tuple[RewardPolicy, list[Candidate], list[Candidate]]:
    """Persons and teams whose month was good enough by the policy in force now; a month is looked at as it stands."""
    reader, ordinal = context.database, month.ordinal
    kept = await in_force(reader, "rewards", context.clock.now())
    policy = RewardPolicy.kept(kept.version, kept.definition)
    bounds = {"starts": month.starts(context.zone), "ends": month.ends(context.zone)}
    rows = [dict(row) for row in await _FIGURES.all(reader, **bounds)]
    penalties = {row["staff_id"]: row["penalties"] for row in await _PENALTIES.all(reader, month=ordinal)}
    figures = domain.with_penalties({row.pop("staff_id"): Figures(**row) for row in rows}, penalties)
    rewarded = {row["staff_id"] for row in await _REWARDED.all(reader, month=ordinal)}
    at_work = await _AT_WORK.all(reader)
    teams = domain.teams(figures, penalties, at_work, rewarded, policy)
    return policy, domain.persons(figures, at_work, rewarded, policy), teams
