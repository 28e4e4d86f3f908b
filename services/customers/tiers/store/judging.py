"""Judging tiers, set-based: the parts from which statements are put together, for one customer or for all (domain 2.4).

What a customer earns in a window is its sum over the window's months, each grade by its factor, against the
thresholds times the divisor: the smaller of the window and the months since the first purchase (decision 12). The
sums are compared exactly; the total that is shown is their average cut to cents, so that it never shows a threshold
that was not reached. Values are always parameters.
"""

from services.customers.tiers.domain.standing import Rules

NO_MONTH = -1
"""A month in which nobody bought anything: stands for "no month is closed yet"."""


def rules_arguments(rules: Rules) -> tuple[object, ...]:
    """The four parameters of what judges: policy and closed month, policy and running month."""
    return (
        rules.closed_policy,
        NO_MONTH if rules.closed is None else rules.closed.ordinal,
        rules.running_policy,
        rules.running.ordinal,
    )


def counted_of(policy: str) -> str:
    """What a purchase counts, in mid-grade terms."""
    return f"t.amount * CASE t.grade WHEN 'high' THEN {policy}.factor_high ELSE {policy}.factor_mid END"


def window_sums(name: str, policy: str, month: str, customers: str = "") -> str:
    """What each customer bought in the window that ends with `month`."""
    return f"""{name} AS (
    SELECT t.customer_id, sum({counted_of("p")}) AS counted, sum(t.amount) FILTER (WHERE t.month = {month}) AS bought
    FROM {policy} p JOIN month_total t ON t.month BETWEEN {month} - p.window_months + 1 AND {month}
    {customers and f"AND t.customer_id = {customers}"}
    GROUP BY t.customer_id
)"""  # noqa: S608  parts of this file


def divisor_of(policy: str, month: str) -> str:
    return f"greatest(1, least({policy}.window_months, {month} - c.first_purchase + 1))"


def tier_of(counted: str, divisor: str, policy: str) -> str:
    return f"""CASE WHEN {counted} >= {policy}.threshold_a * {divisor} THEN 'A'
            WHEN {counted} >= {policy}.threshold_b * {divisor} THEN 'B'
            WHEN {counted} >= {policy}.threshold_c * {divisor} THEN 'C' ELSE 'D' END"""


def judged(name: str, policy: str, sums: str, month: str, *, where: str, more: str = "", joined: str = "") -> str:
    """What each customer earned in that window; `more` are further columns, for which something is `joined`."""
    return f"""{name} AS MATERIALIZED (
    SELECT c.id, c.version, c.tier AS standing, {tier_of("s.counted", "d.divisor", "p")} AS tier,
           s.counted, d.divisor, p.version AS policy_version {more}
    FROM {policy} p CROSS JOIN customer c LEFT JOIN {sums} s ON s.customer_id = c.id
    CROSS JOIN LATERAL (SELECT {divisor_of("p", month)} AS divisor) d
    {joined}
    WHERE {where}
)"""  # noqa: S608  parts of this file


def running_judged(month: str, where: str) -> str:
    """What they earned in the window of the running month: only who bought in that month is lifted by it."""
    return judged("running", "rule", "running_sums", month, where=f"{where} AND s.bought IS NOT NULL")


UNPINNED = "NOT EXISTS (SELECT FROM tier_override o WHERE o.customer_id = {}.id AND o.ended_at IS NULL)"

TOTAL = "trunc(coalesce({0}.counted, 0) / {0}.divisor, 2)::numeric(16, 2)"

BOTH_JUDGED = f"""both_judged AS (
    SELECT j.id, j.version, j.standing, least(j.tier, r.tier) AS tier,
           CASE WHEN r.tier < j.tier THEN {TOTAL.format("r")} ELSE {TOTAL.format("j")} END AS total,
           CASE WHEN r.tier < j.tier THEN r.policy_version ELSE j.policy_version END AS policy_version
    FROM judged j LEFT JOIN running r ON r.id = j.id
)"""  # noqa: S608  parts of this file
"""The closed window earned it, or the running month lifts above that."""


def earned_tables(customers: str, where: str, policy: int) -> str:
    """The common tables up to `both_judged`; rules in four parameters from ${policy} on (`rules_arguments`)."""
    closed, running = f"${policy + 1}::integer", f"${policy + 3}::integer"
    return f"""{policies(policy)},
{window_sums("sums", "policy", closed, customers)},
{window_sums("running_sums", "rule", running, customers)},
{judged("judged", "policy", "sums", closed, where=where)},
{running_judged(running, where)},
{BOTH_JUDGED}"""


def policies(first: int) -> str:
    return f"""policy AS (SELECT * FROM tier_policy WHERE version = ${first}),
rule AS (SELECT * FROM tier_policy WHERE version = ${first + 2} AND up_at_once)"""  # noqa: S608  numbers of parameters
