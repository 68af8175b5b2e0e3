"""Runs the command line without installing it: `python -m deploy`."""

from deploy.cli import main

if __name__ == "__main__":
    main()
