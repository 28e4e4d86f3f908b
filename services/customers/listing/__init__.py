"""What customers are listed by beside their own columns; kept by triggers, whoever writes (migration of the table)."""
