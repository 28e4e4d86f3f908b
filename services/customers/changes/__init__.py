"""What of the archive was changed, by whom, when, from what to what: written with the change itself (domain 2.1)."""
