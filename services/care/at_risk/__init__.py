"""Before it is a miss it is a warning: some days before a window ends the person and the supervisor see it."""
