"""The keys while a plan is made."""

from __future__ import annotations

from dataclasses import replace

import balance.landmarks.editor.plan_events as ev
from balance.landmarks.editor.events import Redo, Undo
from balance.landmarks.editor.window.keys import CATALOGUE, Binding, bound

PLAN, SEEN = "Plan", "Look at it"
FINE, COARSE = 1.0, 5.0
"""Degrees of one step of the wheel, and with Shift."""
_DRAGS = ("middle-drag, Space", "right-drag")
_LOOKS = ("fit", "window", "invert", "contrast", "mirror", "lines")

PLAN_CATALOGUE: tuple[Binding, ...] = (
    Binding(PLAN, "click", "choose a body or a disc"),
    bound(PLAN, "up", "Up", "the next one towards the head", "plan", ev.StepSite(1)),
    bound(PLAN, "down", "Down", "the next one towards the sacrum", "plan", ev.StepSite(-1)),
    bound(PLAN, "right", "Right", "the next procedure", "plan", ev.StepProcedure(1)),
    bound(PLAN, "left", "Left", "the procedure before", "plan", ev.StepProcedure(-1)),
    Binding(PLAN, "wheel", "turn by 1 degree; + adds lordosis"),
    Binding(PLAN, "Shift+wheel", "turn by 5 degrees"),
    bound(PLAN, "+ =", "+", "1 degree more", "plan", ev.Turn(FINE)),
    bound(PLAN, "-", "\N{MINUS SIGN}", "1 degree less", "plan", ev.Turn(-FINE)),
    bound(PLAN, "pageup shift++", "PageUp", "5 degrees more", "plan", ev.Turn(COARSE)),
    bound(PLAN, "pagedown _", "PageDown", "5 degrees less", "plan", ev.Turn(-COARSE)),
    bound(PLAN, "enter", "Enter", "one more correction at this site", "plan", ev.Another()),
    bound(PLAN, "delete backspace", "Delete", "take the correction away", "plan", ev.Remove()),
    bound(PLAN, "t", "T", "top of the fusion (UIV), or no longer", "plan", ev.Fuse("uiv")),
    bound(PLAN, "b", "B", "bottom of the fusion (LIV)", "plan", ev.Fuse("liv")),
    bound(PLAN, "ctrl+z cmd+z", "Ctrl+Z", "undo", "plan", Undo()),
    bound(PLAN, "ctrl+y ctrl+Z ctrl+shift+z cmd+Z", "Ctrl+Y", "redo", "plan", Redo()),
    bound(SEEN, "c", "C", "another scenario", "plan", ev.StepScenario()),
    bound(SEEN, "o", "O", "the film as it is, or as planned", "original"),
    Binding(SEEN, "Ctrl+wheel", "zoom at the cursor"),
    *(replace(row, group=SEEN) for row in CATALOGUE if row.shown in _DRAGS),
    *(replace(row, group=SEEN) for row in CATALOGUE if row.command in _LOOKS),
    bound(SEEN, "ctrl+s cmd+s", "Ctrl+S", "save the plan beside the landmarks", "save"),
    bound(SEEN, "? f1", "?", "this page", "help"),
    bound(SEEN, "s escape", "S, Esc", "leave the plan", "leave"),
)

BY_PLAN_KEY: dict[str, Binding] = {key: row for row in PLAN_CATALOGUE for key in row.keys}
