"""What surgery would do to the geometry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from balance.commands.answers import say, tell_of_text
from balance.commands.options import Paper, PaperOption, ResultFolderOption
from balance.errors import BalanceError


def plan(
    document: Annotated[Path, typer.Argument(help="The landmark document of a film.")],
    output: ResultFolderOption,
    plan_file: Annotated[Path | None, typer.Option("--plan", help="A plan document.")] = None,
    correct: Annotated[
        list[str] | None,
        typer.Option(
            "--correct",
            metavar="SITE:PROCEDURE:DEGREES[@HINGE]",
            help="Such as L3:pso:25; L3:pso:25@0.9 moves the hinge along its endplate.",
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", help="A published target, or the user's own such as LL=55:65."),
    ] = None,
    uiv: Annotated[str | None, typer.Option("--uiv", help="Upper fused vertebra.")] = None,
    liv: Annotated[str | None, typer.Option("--liv", help="Lower fused vertebra.")] = None,
    leg: Annotated[
        str | None,
        typer.Option("--leg", metavar="SIDE:MM", help="Frontal film: a longer leg, right:10."),
    ] = None,
    find: Annotated[
        bool, typer.Option("--find", help="List the least invasive allowed plans.")
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="SITE:PROCEDURE[:DEGREES]", help="Such as L4:pso:20..35."),
    ] = None,
    forbid: Annotated[
        list[str] | None,
        typer.Option("--forbid", help="A site, a procedure, or a procedure at a site."),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(
            "--share", help="Of redraws in which a found plan meets its targets; 0.8 without it."
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario", help="What the pelvis does in the search; unchanged without it."
        ),
    ] = None,
    draw: Annotated[
        int | None,
        typer.Option("--draw", min=1, help="Which of the plans listed is drawn; the first."),
    ] = None,
    paper: PaperOption = Paper.A4,
) -> None:
    """Turn the landmarks of a film by a plan and measure them again: geometry, not prediction."""
    from balance.companion import evidence_files
    from balance.planning.request import UNCHANGED, PlanRequest, carry_out
    from balance.planning.search import SHARE
    from balance.report.plan_files import PLAN, RESULTS, write_plan_results
    from balance.report.plan_found import drawn_words
    from balance.writing import keep_what_is_read, writing_to

    for_the_search = {
        "--allow": allow,
        "--forbid": forbid,
        "--share": share,
        "--scenario": scenario,
        "--draw": draw,
    }
    idle = [name for name, value in for_the_search.items() if value is not None and not find]
    if idle:
        raise typer.BadParameter(f"{', '.join(idle)} is for --find; add it, or leave that out")
    document = _landmarks_of(document)
    keep_what_is_read([output / name for name in RESULTS], evidence_files([document]))
    if plan_file is not None:
        # A plan that lies among the results already is written back, with its own fields.
        keep_what_is_read([output / name for name in RESULTS if name != PLAN], [plan_file])
    request = PlanRequest(
        document=document,
        plan_file=plan_file,
        corrections=tuple(correct or ()),
        targets=tuple(target or ()),
        uiv=uiv,
        liv=liv,
        leg=leg,
        find=find,
        allowed=tuple(allow or ()),
        forbidden=tuple(forbid or ()),
        share=SHARE if share is None else share,
        scenario=scenario or UNCHANGED,
        draw=draw or 1,
    )
    analysis, document_of_plan = carry_out(request)
    with writing_to(output, "folder"):
        written = write_plan_results(
            analysis, document_of_plan, document, output, read_from=plan_file, paper=paper.sheet
        )
    for path in written:
        typer.echo(str(path))
    if analysis.search is not None:
        typer.echo(drawn_words(analysis))
    tell_of_text(output, [(document, analysis.landmarks)])
    for line in analysis.doubts:
        say(f"warning: {line}")


def _landmarks_of(given: Path) -> Path:
    """The landmark document that is named, or that lies beside the film that is."""
    from balance.inputs import find_documents

    if given.is_dir():
        raise BalanceError(f"{given}: is a folder; a plan is drawn on one film, name its document")
    documents, missing = find_documents([given])
    if missing:
        raise BalanceError(f"{missing[0].error}; a plan is drawn on a landmark document")
    return documents[0]
