"""Letters on paper: what stands on a sheet, and the process that sets it."""
