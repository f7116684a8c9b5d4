"""A plan begun, left and saved on a desk."""

from __future__ import annotations

from balance.errors import BalanceError
from balance.landmarks.editor.live import look as look_at
from balance.landmarks.editor.plan_sitting import PlanChanged, sit_down
from balance.landmarks.editor.window.ask import about_changed_plan
from balance.landmarks.editor.window.desk import Desk
from balance.landmarks.editor.window.plan_desk import PlanDesk

_BLIND = "This film is read again, without its values: no plan"
_SEARCHING = "Still looking at the film: a moment"
_READ_ONLY = "Opened to look only: the plan cannot be saved here"


def open_plan(desk: Desk) -> PlanDesk | None:
    """Begin to plan corrections, or go on; None where that cannot be, and the desk says why."""
    if desk.blind or desk.searching:
        desk.said = _BLIND if desk.blind else _SEARCHING
        return None
    state = desk.session.state
    try:
        if desk.plan is None:
            sitting = sit_down(desk.session.path, state.landmarks)
        else:
            sitting = desk.plan.sitting
            sitting.continue_on(state.landmarks)
        plan = PlanDesk(sitting, state, look_at(state.landmarks))
    except BalanceError as error:
        told = str(error)
        desk.said = told[:1].upper() + told[1:]
        return None
    desk.plan = desk.planning = plan
    # A question about the landmarks is left open: no answer to it may reach the plan.
    desk.said, desk.ask = "", None
    desk.change(tool=None, form=None, page="", selected=None, hovered=None, aimed=None)
    desk.measure()
    return plan


def close_plan(desk: Desk) -> None:
    """Back to the landmarks; the plan is kept for as long as the film is open."""
    desk.planning = None
    unsaved = desk.plan is not None and desk.plan.sitting.dirty
    desk.said = "The plan is not saved: S goes on with it" if unsaved else ""
    desk.measure_anew()


def save_plan(desk: Desk, *, overwrite: bool = False) -> bool:
    """Save the plan beside the landmarks; whether it is on disk, as the desk says."""
    desk.ask = None
    if desk.plan is None:
        return False
    if desk.session.read_only:
        desk.said = _READ_ONLY
        return False
    sitting = desk.plan.sitting
    try:
        sitting.save(overwrite=overwrite)
    except PlanChanged as error:
        desk.ask = about_changed_plan(str(error))
        return False
    except (BalanceError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        desk.said = f"Plan not saved: {reason}"
        return False
    also = "; the landmarks are not saved yet" if desk.session.dirty else ""
    desk.said = f"Plan saved in {sitting.path.name}{also}"
    return True
