"""A real Tk window under Xvfb."""

import os
import shutil
import subprocess

import pytest
from editor_real import (
    loses_nothing_when_killed,
    places_the_whole_protocol,
    plans_with_a_wheel,
    proposes_and_confirms,
)

pytest.importorskip("tkinter", reason="tkinter is not installed")
pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")


@pytest.fixture
def display():
    """A screen of its own for each test."""
    seen, told = os.pipe()
    command = ["Xvfb", "-displayfd", str(told), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(told,), stderr=subprocess.DEVNULL)
    os.close(told)
    with os.fdopen(seen) as number:
        name = number.readline().strip()
    assert name, "Xvfb did not start"
    yield {"DISPLAY": f":{name}"}
    server.terminate()
    server.wait(timeout=20)


def test_a_real_mouse_places_the_whole_protocol(tmp_path, display):
    places_the_whole_protocol("tk", tmp_path, display, "FigureCanvasTkAgg")


@pytest.mark.slow
def test_the_film_is_searched_while_the_window_lives_on(tmp_path, display):
    proposes_and_confirms("tk", tmp_path, display)


def test_a_real_wheel_turns_a_correction(tmp_path, display):
    plans_with_a_wheel("tk", tmp_path, display)


def test_a_killed_editor_loses_nothing(tmp_path, display):
    loses_nothing_when_killed("tk", tmp_path, display)
