"""The command line: parse, call once, print. Results go to standard output, everything else to standard error."""

# each adds its commands to the program
from framelens.cli import (  # noqa: F401
    classify,
    code,
    codebook,
    corpus,
    data,
    evaluate,
    exchange,
    explain,
    model,
    prevalence,
    report,
    serve,
    team,
    train,
    transfer,
)
from framelens.cli.app import app

__all__ = ["app"]
