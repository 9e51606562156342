"""`python -m studio`: a subcommand runs the command line, no arguments open the window."""

import sys

WINDOW_MISSING = (
    "This version of Lamina Studio has no window yet: use the command line, for instance "
    "`lamina demo --out demo-out`, or see every command with `lamina --help`."
)


def main() -> None:
    """Run the command line; without arguments say what to do until the window exists."""
    if len(sys.argv) == 1:
        print(WINDOW_MISSING, file=sys.stderr)
        raise SystemExit(2)
    from studio.cli import main as run_command_line

    run_command_line()


if __name__ == "__main__":
    main()
