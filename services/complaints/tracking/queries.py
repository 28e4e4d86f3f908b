"""Where a case stands, for whoever holds its token."""

from typing import Any
from uuid import UUID

import orjson

from services.complaints.cases.domain import ComplaintNotFound, Words
from services.complaints.cases.queries import DUE
from services.complaints.context import Context
from services.complaints.tracking.domain import Key, TrackedCase, check_not_over, key_in
from shared.statement import Statement

_TRACKED = Statement(
    """
    SELECT number, kind, subject, state, round, recorded_at, {due} AS answer_due_at,
           (breached_at IS NOT NULL OR stopped_at IS NULL AND {due} <= :now) IS TRUE AS overdue, answered_at,
           resolved_at, closed_at,
           CASE
               WHEN state = 'open' AND {due} > :now THEN {due}
               WHEN state = 'answered' THEN (
                   SELECT k.due_at FROM case_clock k
                   WHERE k.complaint_id = c.id AND k.round = c.round AND k.kind = 'resolve' AND k.stopped_at IS NULL
                       AND k.due_at > :now
               )
           END AS next_deadline,
           state <> 'open' AND NOT EXISTS (
               SELECT 1 FROM satisfaction s WHERE s.complaint_id = c.id AND s.round = c.round
           ) AS may_judge,
           state = 'open' AND {due} IS NULL AS paused, c.words, asked.question_id, asked.question
    FROM complaint c LEFT JOIN LATERAL (
        SELECT e.id AS question_id, e.words AS question
        FROM clock_pause p JOIN case_entry e ON e.id = p.entry_id
        WHERE p.complaint_id = c.id AND p.round = c.round AND p.ended_at IS NULL AND p.until > :now
            AND EXISTS (SELECT 1 FROM letter l WHERE l.complaint_id = c.id AND l.occasion = 'question:' || e.id)
    ) AS asked ON true
    WHERE c.id = :id AND kind <> 'internal' AND tracking_generation = :generation
    """,
    due=DUE,
)
"""By hand, as the other reads of a case are (`cases/queries.py`). What earlier releases paused with was written for
colleagues: only a question that was to be sent is shown."""


async def track(context: Context, token: str) -> TrackedCase:
    """A case as its complainant sees it; an internal one has none, though it may be about a customer.

    Raises ComplaintNotFound for any token not given here, TrackingEnded for one that was good, TooMany.
    """
    id_, generation = _key_of(context, token)
    context.visits.count(id_)
    now = context.clock.now()
    row = await _TRACKED.one(context.database, now=now, id=id_, generation=generation)
    if row is None:
        raise ComplaintNotFound("no complaint belongs to this token")
    fields: dict[str, Any] = dict(row.items())
    words = Words(**orjson.loads(context.words.open(fields.pop("words"), id_.bytes)))
    question_id, asked = fields.pop("question_id"), fields.pop("question")
    question = context.words.open(asked, question_id.bytes).decode() if asked is not None else None
    check_not_over(fields["closed_at"], now, context.settings.tracking_days)
    return TrackedCase(**fields, wish=words.wish, question=question)


def case_of(context: Context, token: str) -> UUID:
    """The case that a token belongs to, or did (`track` says whether it is good still).

    Raises ComplaintNotFound for any token not given here.
    """
    return _key_of(context, token).id


def _key_of(context: Context, token: str) -> Key:
    key = key_in(token, context.tracking.digest)
    if key is None:
        raise ComplaintNotFound("no complaint belongs to this token")
    return key
