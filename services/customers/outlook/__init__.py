"""What the close of the running month will bring, as it stands today."""
