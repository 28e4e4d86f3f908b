"""Who may call which operation of complaints: every route stands here."""

from shared.auth.policy import PolicyTable

POLICY: PolicyTable = {}
