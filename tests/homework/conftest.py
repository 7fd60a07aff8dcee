"""Whoever runs these tests by name gets the table of mistakes: the check, what it says to whom."""

import sys
import textwrap

from masters import HOMEWORK, judged

sys.path.insert(0, str(HOMEWORK))  # the commands that stand beside the masters


def pytest_terminal_summary(terminalreporter, config):
    if not any("homework" in str(argument) for argument in config.args):
        return
    terminalreporter.section("task × message × answers that earn it")
    for _, _, told in judged():
        terminalreporter.write_line(told.name)
        for mistake in told.mistakes:
            line = f"{len(mistake.answers)} × {mistake.message or 'caught, but not named'}"
            terminalreporter.write_line(
                textwrap.fill(line, 120, initial_indent="    ", subsequent_indent="        ")
            )
