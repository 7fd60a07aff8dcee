"""Whoever runs these tests by name gets the table of mistakes: task, what is wrong, what the check says."""

import textwrap

from masters import TABLE


def pytest_terminal_summary(terminalreporter, config):
    if not TABLE or not any("homework" in str(argument) for argument in config.args):
        return
    terminalreporter.section("task × mistake × message")
    for homework, task, wrong, message in TABLE:
        terminalreporter.write_line(f"{homework} {task} × {wrong}")
        terminalreporter.write_line(textwrap.fill(message, 120, initial_indent="      ", subsequent_indent="      "))
