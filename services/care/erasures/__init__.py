"""What care keeps of persons who are erased goes (decision 29)."""
