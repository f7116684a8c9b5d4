"""A real Qt window without a screen."""

import pytest
from editor_real import loses_nothing_when_killed, places_the_whole_protocol

pytest.importorskip("PySide6.QtWidgets", reason="PySide6 is not installed")

OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ""}


def test_a_real_mouse_places_the_whole_protocol(tmp_path):
    places_the_whole_protocol("qt", tmp_path, OFFSCREEN, "FigureCanvasQTAgg")


def test_a_killed_editor_loses_nothing(tmp_path):
    loses_nothing_when_killed("qt", tmp_path, OFFSCREEN)
