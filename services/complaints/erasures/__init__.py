"""What complaints keeps of persons who are erased goes; their cases stay as figures (decision 29)."""
