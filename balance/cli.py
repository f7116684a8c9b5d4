"""The command line: the commands by name, and what becomes of an error."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

# Only what is needed to answer --help is imported here; the rest waits inside the commands.
from balance import __version__
from balance.commands.answers import FAILED, refuse, say
from balance.commands.batches import batch
from balance.commands.exchange import export, import_
from balance.commands.films import calibrate, inspect
from balance.commands.landmarking import edit, evaluate, propose
from balance.commands.measuring import measure, report
from balance.commands.planning import plan
from balance.commands.samples import demo, phantom
from balance.commands.studies import agree, compare
from balance.errors import BalanceError

INTERRUPTED = 130

app = typer.Typer(
    name="spinal-balance",
    help="Measure spinal balance on whole-spine radiographs, with intervals and published limits. "
    "Research software. Not a medical device.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(inspect)
app.command()(edit)
app.command()(measure)
app.command()(report)
app.command()(export)
app.command("import")(import_)
app.command()(compare)
app.command()(agree)
app.command()(calibrate)
app.command()(propose)
app.command()(evaluate)
app.command()(plan)
app.command()(phantom)
app.command()(batch)
app.command()(demo)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"spinal-balance {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show a traceback when the program fails.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options that every command shares."""


def main() -> None:
    """Run the command line: an error of the input or of the program becomes one sentence."""
    # The matrices are small: threads of the linear algebra cost more than they give.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = [word for word in sys.argv[1:] if word != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1
    try:
        app(args=arguments)
    except BalanceError as error:
        refuse(str(error))
        raise SystemExit(FAILED) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except Exception as error:
        if debug:
            raise
        # The error's own text may quote a header or a document: its kind is all that is shown.
        say(f"the program failed ({type(error).__name__}); run again with --debug and report it")
        raise SystemExit(FAILED) from None


if __name__ == "__main__":
    main()
