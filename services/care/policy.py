"""Who may call which operation of care: every route stands here."""

from shared.auth.policy import PolicyTable

POLICY: PolicyTable = {}
