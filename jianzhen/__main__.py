"""`python -m jianzhen` is the command `jianzhen`."""

from jianzhen.cli import main

if __name__ == "__main__":
    main()
