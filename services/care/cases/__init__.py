"""Open complaints as care sees them: they hold promotion."""
