"""`python -m crm …`: the command line, from the project's root."""

from deploy.cli import main

if __name__ == "__main__":
    main()
