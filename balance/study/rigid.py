"""Two neighbouring vertebrae carried rigidly from one film to another, fitted at once.

A vertebra keeps its shape between two films, so its corners on both are one template seen in two
poses. The poses are the generalised least-squares fit of two rigid movements to all corners, the
placement noise of both films in the weights; the template is the corners' best common shape. Where
the films' scales are not known their ratio is fitted too: one number, since a film has one scale.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy.stats import chi2

from balance.radiograph import FloatArray

ITERATIONS = 20
CONVERGED = 1e-10


class RigidPair:
    """The fit of two rigid movements, with weights from the noise around given points.

    Parameters
    ----------
    points
        Corners on the film that is moved to, then on the film that is moved from, (2n, 2); on each
        the cranial vertebra's corners come first.
    cranial
        How many corners the cranial vertebra has.
    covariance
        Of all the points, (4n, 4n); the two films are independent.
    free_scale
        Fit the ratio of the two films' scales as well.
    """

    def __init__(
        self, points: FloatArray, cranial: int, covariance: FloatArray, *, free_scale: bool
    ) -> None:
        self.size = len(covariance) // 2
        self.parts = (slice(None, cranial), slice(cranial, None))
        self.free_scale = free_scale
        to, origin = np.split(points, 2)
        transfer = self._transfer(self._start(to, origin))
        spread = covariance[self.size :, self.size :] @ transfer.T
        noise = covariance[: self.size, : self.size] + transfer @ spread
        self.weight = np.linalg.pinv(noise, hermitian=True)
        self.gain = spread @ self.weight

    def fit(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Parameters of the movements, and the template on the film that is moved from.

        Returns
        -------
        tuple
            Angle (radians, anticlockwise) and displacement of the cranial vertebra, then of the
            caudal one, then the logarithm of the scale ratio where it is free; the template (n, 2).
        """
        to, origin = np.split(points, 2)
        parameters = self._start(to, origin)
        for _ in range(ITERATIONS):
            left = self._residual(parameters, to, origin)
            slopes = self._slopes(parameters, origin)
            weighted = slopes.T @ self.weight
            step = np.linalg.lstsq(weighted @ slopes, weighted @ left, rcond=None)[0]
            parameters = parameters + step
            if float(np.abs(step).max()) < CONVERGED:
                break
        left = self._residual(parameters, to, origin)
        return parameters, origin + (self.gain @ left).reshape(-1, 2)

    def poses(self, parameters: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Matrix and displacement of the cranial and of the caudal vertebra."""
        ratio = math.exp(parameters[6]) if self.free_scale else 1.0
        for angle, x, y in (parameters[:3], parameters[3:6]):
            c, s = ratio * math.cos(angle), ratio * math.sin(angle)
            yield np.array([[c, -s], [s, c]]), np.array([x, y])

    def improbability(self, points: FloatArray) -> float:
        """How likely the noise alone would make the corners fit one shape worse than these do."""
        to, origin = np.split(points, 2)
        parameters, _ = self.fit(points)
        left = self._residual(parameters, to, origin)
        return float(chi2.sf(left @ self.weight @ left, self.size - len(parameters)))

    def _start(self, to: FloatArray, origin: FloatArray) -> FloatArray:
        """The unweighted fit, in closed form."""
        parameters = np.zeros(7 if self.free_scale else 6)
        ratios = []
        for n, part in enumerate(self.parts):
            b, a = to[part] - to[part].mean(axis=0), origin[part] - origin[part].mean(axis=0)
            along = float((a * b).sum())
            across = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum())
            parameters[3 * n] = math.atan2(across, along)
            ratios.append(math.hypot(along, across) / float((a * a).sum()))
        if self.free_scale:
            parameters[6] = math.log(float(np.mean(ratios)))
        for n, (part, (turn, _)) in enumerate(zip(self.parts, self.poses(parameters), strict=True)):
            place = to[part].mean(axis=0) - turn @ origin[part].mean(axis=0)
            parameters[3 * n + 1 : 3 * n + 3] = place
        return parameters

    def _transfer(self, parameters: FloatArray) -> FloatArray:
        """The turns (and the scale ratio) of all corners as one matrix."""
        matrix = np.zeros((self.size // 2, 2, self.size // 2, 2))
        corners = np.arange(self.size // 2)
        for part, (turn, _) in zip(self.parts, self.poses(parameters), strict=True):
            matrix[corners[part], :, corners[part], :] = turn
        return matrix.reshape(self.size, self.size)

    def _moved(self, parameters: FloatArray, origin: FloatArray) -> FloatArray:
        pairs = zip(self.parts, self.poses(parameters), strict=True)
        return np.concatenate([origin[part] @ turn.T + place for part, (turn, place) in pairs])

    def _residual(self, parameters: FloatArray, to: FloatArray, origin: FloatArray) -> FloatArray:
        residual: FloatArray = (to - self._moved(parameters, origin)).ravel()
        return residual

    def _slopes(self, parameters: FloatArray, origin: FloatArray) -> FloatArray:
        """How the moved corners answer to the parameters."""
        slopes = np.zeros((self.size // 2, 2, len(parameters)))
        moved = self._moved(parameters, origin)
        for n, part in enumerate(self.parts):
            arm = moved[part] - parameters[3 * n + 1 : 3 * n + 3]
            slopes[part, :, 3 * n] = np.stack([-arm[:, 1], arm[:, 0]], axis=-1)
            slopes[part, 0, 3 * n + 1] = slopes[part, 1, 3 * n + 2] = 1.0
            if self.free_scale:
                slopes[part, :, 6] = arm
        return slopes.reshape(self.size, -1)
