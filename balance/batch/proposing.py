"""Semi-automatic landmarks for films with some clicks."""

from __future__ import annotations

from pathlib import Path

from balance.film import open_film
from balance.landmarks.model import Landmarks
from balance.landmarks.proposals import propose


def proposed(film: Path, landmarks: Landmarks) -> Landmarks:
    """The landmarks with proposed points beside the clicked ones, all unconfirmed.

    Raises
    ------
    BalanceError
        The film cannot be read, or is not the one that was clicked on.
    """
    return propose(open_film(film), landmarks)
