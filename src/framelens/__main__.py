"""Where the command starts: as little as possible is imported before an interruption can be caught."""

import os
import sys


def main() -> None:
    """Run the command line; whatever ends it ends in one line."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  # stays open until the end
    try:
        # a terminal that lacks a letter shows a question mark instead of an error
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # standard output is a text file
        from framelens.cli import app

        app(prog_name="framelens")
    except KeyboardInterrupt:
        sys.stderr.write("framelens: interrupted; no half-written file is left\n")
        os._exit(130)
    except OSError as error:
        sys.stderr.write(f"framelens: {error.filename or 'output'}: {(error.strerror or str(error)).lower()}\n")
        os._exit(1)


if __name__ == "__main__":
    main()
