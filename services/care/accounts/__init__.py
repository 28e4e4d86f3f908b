"""What care keeps of each customer: kind, tier and account team."""
