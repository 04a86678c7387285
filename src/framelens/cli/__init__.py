"""The command line: parse, call once, print. Results go to standard output, everything else to standard error."""

# each adds its commands to the program, in the order of --help
from framelens.cli import classify, code, codebook, data, evaluate, exchange, model, team, train  # noqa: F401
from framelens.cli.app import app

__all__ = ["app"]
