"""Archives that want cleaning up: incomplete ones, stale ones, and those that may be of one customer (domain 2.1)."""
