"""A real Qt window without a screen."""

import pytest
from editor_real import (
    loses_nothing_when_killed,
    places_the_whole_protocol,
    proposes_and_confirms,
)

pytest.importorskip("PySide6.QtWidgets", reason="PySide6 is not installed")

OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ""}


def test_a_real_mouse_places_the_whole_protocol(tmp_path):
    places_the_whole_protocol("qt", tmp_path, OFFSCREEN, "FigureCanvasQTAgg")


@pytest.mark.slow
def test_the_film_is_searched_while_the_window_lives_on(tmp_path):
    proposes_and_confirms("qt", tmp_path, OFFSCREEN)


def test_a_killed_editor_loses_nothing(tmp_path):
    loses_nothing_when_killed("qt", tmp_path, OFFSCREEN)
