"""Judging tiers, set-based: the parts from which statements are put together, for one customer or for all (domain 2.4).

What a customer earns in a window is its sum over the window's months, each grade by its factor, against the
thresholds times the divisor: the smaller of the window and the months since the first purchase (decision 12). The
sums are compared exactly; the total that is shown is their average cut to cents, so that it never shows a threshold
that was not reached. Values are always parameters: those of `rules_values`, and what a statement says of its own.
"""

from services.customers.tiers.domain.standing import Rules
from shared.statement import with_parts

NO_MONTH = -1
"""A month in which nobody bought anything: stands for "no month is closed yet"."""
CLOSED, RUNNING = ":closed::integer", ":running::integer"
"""The ordinals of the closed month and of the running one."""


def running_values(rules: Rules) -> dict[str, object]:
    """What judges the running month, as the values of statements with RULE in them."""
    return {"running_policy": rules.running_policy, "running": rules.running.ordinal}


def rules_values(rules: Rules) -> dict[str, object]:
    """The same for statements with POLICY in them, too."""
    closed = NO_MONTH if rules.closed is None else rules.closed.ordinal
    judged_by = {
        "closed_policy": rules.closed_policy,
        "open_policy": rules.open_policy,
        "open_counts": rules.open_counts,
    }
    return {**running_values(rules), **judged_by, "closed": closed}


POLICY = "policy AS (SELECT * FROM tier_policy WHERE version = :closed_policy)"
RULE = "rule AS (SELECT * FROM tier_policy WHERE version = :running_policy AND up_at_once)"

_COUNTED = "t.amount * CASE t.grade WHEN 'high' THEN {policy}.factor_high ELSE {policy}.factor_mid END"
_WINDOW_SUMS = """{name} AS (
    SELECT t.customer_id, sum({counted}) AS counted, sum(t.amount) FILTER (WHERE t.month = {month}) AS bought
    FROM {policy} p JOIN month_total t ON t.month BETWEEN {month} - p.window_months + 1 AND {month}
    {chosen}
    GROUP BY t.customer_id
)"""
_TIER = """CASE WHEN {counted} >= {policy}.threshold_a * {divisor} THEN 'A'
            WHEN {counted} >= {policy}.threshold_b * {divisor} THEN 'B'
            WHEN {counted} >= {policy}.threshold_c * {divisor} THEN 'C' ELSE 'D' END"""
_JUDGED = """{name} AS MATERIALIZED (
    SELECT c.id, c.version, c.tier AS standing, {tier} AS tier,
           s.counted, d.divisor, p.version AS policy_version {more}
    FROM {policy} p CROSS JOIN customer c LEFT JOIN {sums} s ON s.customer_id = c.id
    CROSS JOIN LATERAL (SELECT {divisor} AS divisor) d
    {joined}
    WHERE {where}
)"""
_BOTH_JUDGED = """either_judged AS (
    SELECT j.id, j.version, j.standing, least(j.tier, r.tier) AS tier,
           CASE WHEN r.tier < j.tier THEN {running_total} ELSE {total} END AS total,
           CASE WHEN r.tier < j.tier THEN r.policy_version ELSE j.policy_version END AS policy_version
    FROM judged j LEFT JOIN running r ON r.id = j.id
), lowered AS MATERIALIZED (
    SELECT e.id, e.standing FROM either_judged e WHERE :open_counts AND e.tier > e.standing AND {closed} + 1 < {running}
), still_open AS (
    SELECT DISTINCT ON (o.id) o.id, greatest(o.tier, o.standing) AS tier, o.policy_version, {open_total} AS total
    FROM (
        SELECT c.id, l.standing, m.month, s.counted, d.divisor, p.version AS policy_version, {open_tier} AS tier
        FROM lowered l JOIN customer c ON c.id = l.id
        CROSS JOIN LATERAL generate_series(
            CASE WHEN c.first_purchase IS NOT NULL THEN greatest({closed} + 1, c.first_purchase) END, {running} - 1
        ) AS m (month)
        CROSS JOIN LATERAL (
            SELECT * FROM tier_policy y WHERE CASE WHEN :open_policy::integer IS NULL
                THEN y.starts_on <= greatest(make_date(m.month / 12, m.month % 12 + 1, 1), {first_start})
                ELSE y.version = :open_policy END
            ORDER BY y.starts_on DESC, y.version DESC LIMIT 1
        ) p
        CROSS JOIN LATERAL (
            SELECT sum({counted}) AS counted FROM month_total t
            WHERE t.customer_id = c.id AND t.month BETWEEN m.month - p.window_months + 1 AND m.month
        ) s
        CROSS JOIN LATERAL (SELECT {divisor} AS divisor) d
        WHERE p.up_at_once
    ) o ORDER BY o.id, o.tier, o.month DESC
), both_judged AS (
    SELECT e.id, e.version, e.standing, least(e.tier, o.tier) AS tier,
           CASE WHEN o.tier < e.tier THEN o.total ELSE e.total END AS total,
           CASE WHEN o.tier < e.tier THEN o.policy_version ELSE e.policy_version END AS policy_version
    FROM either_judged e LEFT JOIN still_open o ON o.id = e.id
)"""
_UNPINNED = "NOT EXISTS (SELECT FROM tier_override o WHERE o.customer_id = {row}.id AND o.ended_at IS NULL)"


def counted_of(policy: str) -> str:
    """What a purchase counts, in mid-grade terms."""
    return with_parts(_COUNTED, policy=policy)


def window_sums(name: str, policy: str, month: str, customers: str = "") -> str:
    """What each customer bought in the window that ends with `month`."""
    chosen = customers and f"AND t.customer_id = {customers}"
    return with_parts(_WINDOW_SUMS, name=name, policy=policy, month=month, counted=counted_of("p"), chosen=chosen)


def divisor_of(policy: str, month: str) -> str:
    return f"greatest(1, least({policy}.window_months, {month} - c.first_purchase + 1))"


def tier_of(counted: str, divisor: str, policy: str) -> str:
    return with_parts(_TIER, counted=counted, divisor=divisor, policy=policy)


def judged(name: str, policy: str, sums: str, month: str, *, where: str, more: str = "", joined: str = "") -> str:
    """What each customer earned in that window; `more` are further columns, for which something is `joined`."""
    own = {"more": more, "joined": joined, "where": where, "divisor": divisor_of("p", month)}
    return with_parts(_JUDGED, name=name, policy=policy, sums=sums, tier=tier_of("s.counted", "d.divisor", "p"), **own)


def running_judged(where: str) -> str:
    """What they earned in the window of the running month: only who bought in that month is lifted by it."""
    return judged("running", "rule", "running_sums", RUNNING, where=f"{where} AND s.bought IS NOT NULL")


def unpinned(row: str) -> str:
    """Whether no tier set by hand stands for the customer in that row."""
    return with_parts(_UNPINNED, row=row)


def total_of(row: str) -> str:
    """The average month that is shown."""
    return f"trunc(coalesce({row}.counted, 0) / {row}.divisor, 2)::numeric(16, 2)"


BOTH_JUDGED = with_parts(
    _BOTH_JUDGED,
    running_total=total_of("r"),
    total=total_of("j"),
    open_total=total_of("o"),
    open_tier=tier_of("s.counted", "d.divisor", "p"),
    counted=counted_of("p"),
    divisor=divisor_of("p", "m.month"),
    first_start="(SELECT min(y.starts_on) FROM tier_policy y)",
    closed=CLOSED,
    running=RUNNING,
)
"""The closed window earned it, or the running month lifts above that. But for a month that closes for the first time,
nobody is lowered below what a month has earned that is over and not closed yet: its own close says what becomes of it;
it lifts nobody (decision 9)."""


def earned_tables(customers: str = "") -> str:
    """The common tables up to `both_judged`, of those customers (such as ANY(:customers::uuid[])) or of all."""
    where = f"c.id = {customers}" if customers else "true"
    sums = window_sums("sums", "policy", CLOSED, customers), window_sums("running_sums", "rule", RUNNING, customers)
    both = judged("judged", "policy", "sums", CLOSED, where=where), running_judged(where), BOTH_JUDGED
    return ",\n".join((POLICY, RULE, *sums, *both))
