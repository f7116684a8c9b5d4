"""The errors that a user can cause: what is wrong, in which file or point, what to do."""


class BalanceError(ValueError):
    """Base of every error that is the input's fault; its text is one sentence for the user."""


class UnreadableFilm(BalanceError):
    """A film that cannot be opened, decoded or trusted."""


class BadLandmarks(BalanceError):
    """A landmark document that is refused."""


class BadPair(BalanceError):
    """Documents that claim to be one examination and contradict each other."""


class BadPlan(BalanceError):
    """A surgical plan that is refused."""


class Unwritable(BalanceError):
    """A file or folder that an answer cannot be written to."""
