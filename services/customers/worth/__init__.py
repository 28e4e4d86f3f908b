"""What customers are worth, kept and told: segments and stages, judged anew when something or time alone changes."""
