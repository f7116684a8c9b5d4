"""Without a window toolkit or a screen the editor says what to do, and the rest works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[1] / "sample_images"


def run(hidden, *words, **environment):
    """The command line in a process where modules cannot be imported."""
    script = (
        "import sys\n"
        f"for name in {list(hidden)!r}: sys.modules[name] = None\n"
        "from balance.cli import main\n"
        f"sys.argv = ['spinal-balance', *{[str(word) for word in words]!r}]\n"
        "main()\n"
    )
    kept = {key: value for key, value in os.environ.items() if key not in SCREENS}
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
BOTH = ("tkinter", "PySide6")


@pytest.fixture
def film(tmp_path):
    return Path(shutil.copy(SAMPLES / "lateral_01.dcm", tmp_path))


def test_without_toolkits_the_editor_says_what_to_install(film):
    done = run(BOTH, "edit", film, DISPLAY=":0")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, "one sentence"
    assert "pip install 'spinal-balance[gui]'" in done.stderr
    assert "python3-tk" in done.stderr
    assert "everything but the editor works" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(film.parent.glob("*.journal")), "nothing was begun"


def test_without_toolkits_everything_else_works():
    done = run(BOTH, "measure", SAMPLES / "lateral_01.dcm")
    assert done.returncode == 0, done.stderr
    assert "SVA" in done.stdout


@pytest.mark.parametrize("wanted", ["tk", "qt"])
def test_the_toolkit_that_was_asked_for_is_named(film, wanted):
    done = run(BOTH, "edit", film, "--backend", wanted)
    assert done.returncode == 1
    assert {"tk": "Tk is not installed", "qt": "Qt (PySide6) is not installed"}[
        wanted
    ] in done.stderr


@pytest.mark.parametrize("display", [None, ":973"])
def test_without_a_screen_it_says_so(film, display):
    """A display that is not there, too: Qt would end the process over it."""
    pytest.importorskip("tkinter", reason="tkinter is not installed")
    environment = {} if display is None else {"DISPLAY": display}
    done = run((), "edit", film, **environment)
    assert done.returncode == 1, done.stderr
    assert "no display" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_protocol_that_is_not_there_is_named(film):
    done = run((), "edit", film, "--protocol", "sagital")
    assert done.returncode == 1
    assert "there is no protocol 'sagital'" in done.stderr
    assert "full sagittal" in done.stderr


def test_a_folder_without_films_is_refused(tmp_path):
    done = run((), "edit", tmp_path)
    assert done.returncode == 1
    assert "no film in this folder" in done.stderr
