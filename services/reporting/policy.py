"""Who may call which operation of reporting: every route stands here."""

from shared.auth.policy import PolicyTable

POLICY: PolicyTable = {}
