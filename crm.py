"""`python -m crm …`: the command line, from the project's root."""

import signal
import sys


def main() -> None:
    """Ctrl-C ends it quietly from the first moment on, also while its modules load."""
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    from deploy.cli import main as command

    command()


if __name__ == "__main__":
    main()
