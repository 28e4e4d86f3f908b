"""Account team and matrix become tasks; a tier change re-plans what is ahead."""
