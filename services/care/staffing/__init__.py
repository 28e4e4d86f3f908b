"""Who does what: the person in a role, successors, supervisors."""
