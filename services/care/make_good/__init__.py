"""Orders to make good what was missed: who, which and until when (domain 4.1, examples 12)."""
