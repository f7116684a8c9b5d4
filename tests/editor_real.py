"""What both toolkits must do, whichever window it is."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from editor_driver import Driver

from balance.landmarks.files import read_landmarks

TESTS = Path(__file__).parent
SAMPLES = TESTS.parent / "sample_images"


def _child(toolkit, folder, how, environment):
    film = Path(shutil.copy(SAMPLES / "lateral_01.dcm", folder / "lateral_01.dcm"))
    truth = SAMPLES / "lateral_01.landmarks.json"
    command = [sys.executable, str(TESTS / "editor_child.py"), toolkit, film, truth, how]
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    environment = {**os.environ, **environment, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def places_the_whole_protocol(toolkit, folder, environment, canvas):
    """The saved document is within one pixel of the clicks of a real mouse."""
    with _child(toolkit, folder, "full", environment) as child:
        printed, errors = child.communicate(timeout=120)
    assert child.returncode == 0, errors
    told = json.loads(printed.splitlines()[-1])
    assert told["step"] is None
    assert canvas in told["canvas"]
    assert not told["manager"], "no figure manager, so none of matplotlib's keys"
    assert told["page"] == "help"
    saved = read_landmarks(folder / "lateral_01.landmarks.json")
    assert saved.points.keys() == told["clicked"].keys()
    for name, (x, y) in told["clicked"].items():
        assert saved.points[name].x == pytest.approx(x, abs=1.0), name
        assert saved.points[name].y == pytest.approx(y, abs=1.0), name
    assert not list(folder.glob("*.journal")), "everything is saved: nothing is left to replay"


def proposes_and_confirms(toolkit, folder, environment):
    """A few clicks, what the film shows by the toolkit's own timer, then Enter by region."""
    with _child(toolkit, folder, "help", environment) as child:
        printed, errors = child.communicate(timeout=120)
    assert child.returncode == 0, errors
    told = json.loads(printed.splitlines()[-1])
    assert told["step"] is None
    assert told["hollow"] == 0
    assert len(told["clicked"]) <= 8
    saved = read_landmarks(folder / "lateral_01.landmarks.json").points
    assert len(saved) > 90
    assert sum(point.source == "snapped" for point in saved.values()) > 40
    assert all(point.confirmed for point in saved.values())


def plans_with_a_wheel(toolkit, folder, environment):
    """A level is clicked and a real wheel turned; the plan is saved, the landmarks are not."""
    document = folder / "lateral_01.landmarks.json"
    shutil.copy(SAMPLES / "lateral_01.landmarks.json", document)
    before = document.read_bytes()
    with _child(toolkit, folder, "plan", environment) as child:
        printed, errors = child.communicate(timeout=120)
    assert child.returncode == 0, errors
    told = json.loads(printed.splitlines()[-1])
    assert told["LL"] == "+17.0"
    assert told["PI_LL"] == "-17.0"
    saved = json.loads((folder / "lateral_01.plan.json").read_text())
    assert saved["corrections"] == [{"site": "L3", "procedure": "pso", "degrees": 17.0}]
    assert document.read_bytes() == before


def loses_nothing_when_killed(toolkit, folder, environment):
    """Ended by signal 9 in the middle, the editor opens again with every action."""
    with _child(toolkit, folder, "part", environment) as child:
        told = json.loads(child.stdout.readline())
        # While it lives, another editor may only look.
        second = Driver(folder / "lateral_01.dcm", protocol=None)
        assert second.desk.session.read_only
        Driver.leave_all()
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=30)
    assert not (folder / "lateral_01.landmarks.json").exists()
    assert len(told["points"]) >= 2
    again = Driver(folder / "lateral_01.dcm", protocol=None)
    points = {n: [p.x, p.y] for n, p in again.state.landmarks.points.items()}
    assert points == told["points"]
    assert again.state.step.name == told["step"]
    Driver.leave_all()
