"""By which figures segments, stages and early warnings are judged: a policy with versions."""
