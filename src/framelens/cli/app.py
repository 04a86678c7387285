"""The program and what every command shares: how it fails, and what it is called."""

import os
import sys
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from framelens.errors import InputError, reason_of

READER_GONE = 141
"""What shells call the end by SIGPIPE."""


class Commands(TyperGroup):
    """Turns what a user can mend into one line on standard error and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
        except InputError as error:
            _fail(str(error))
        except BrokenPipeError:
            # the reader, such as head, has enough; keep the interpreter from printing more at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(READER_GONE) from None
        except KeyboardInterrupt:
            _fail("interrupted; no half-written file is left", code=130)
        except MemoryError:
            _fail("not enough memory; give fewer or smaller files at a time")
        except OSError as error:
            _fail(f"{error.filename or 'output'}: {reason_of(error)}")
        return value


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Classify news sentences by frame: how the news talks about people, not only what about.",
    epilog="Start with: framelens classify ARTICLE.txt",
)
data_app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="The labelled set: check it.")
model_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="The trained model: what it is and how good."
)
app.add_typer(data_app, name="data")
app.add_typer(model_app, name="model")


@app.callback(invoke_without_command=True)
def start(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    """Classify news sentences by frame."""
    if version:
        from framelens import __version__

        typer.echo(f"framelens {__version__}")
        raise typer.Exit


def _fail(message: str, code: int = 1) -> NoReturn:
    from framelens.terminal import note

    note(f"framelens: {message}")
    raise typer.Exit(code)
