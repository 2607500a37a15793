"""``python -m showctl.cli``: the command line, where no script is installed."""

from showctl.cli import main

if __name__ == "__main__":
    main(prog_name="showctl")
