"""Who may call which operation of customers: every route stands here."""

from shared.auth.policy import PolicyTable

POLICY: PolicyTable = {}
