"""The program, called as a user calls it: what it prints and the status that it ends with."""

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from typing import NamedTuple
from unittest.mock import patch

import pytest

from balance.cli import main


class Ended(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self):
        return self.stdout + self.stderr


def spinal_balance(*words):
    answer, told = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        patch.object(sys, "argv", ["spinal-balance", *map(str, words)]),
        redirect_stdout(answer),
        redirect_stderr(told),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return Ended(ended.value.code, *(text.buffer.getvalue().decode() for text in (answer, told)))
