"""Tasks of one person towards one customer: listed, done with proof, missed."""
