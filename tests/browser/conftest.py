"""A JupyterLab and a browser for the tests in this folder, and the table of what they measured."""

import statistics

import jupyterlab_page as lab
import lab_page
import pytest
import site_page


def pytest_collection_modifyitems(config, items):
    """Twenty minutes are for those who ask: these tests run where ``tests/browser`` is named."""
    if not any("browser" in str(argument) for argument in config.args):
        for item in items:
            if item.path.parent.name == "browser":
                item.add_marker(
                    pytest.mark.skip(reason="twenty minutes: run by name, pytest tests/browser")
                )


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    sync_api = pytest.importorskip("playwright.sync_api", reason=lab.NO_PLAYWRIGHT)
    with sync_api.sync_playwright() as playwright:
        path = lab.chromium(playwright)
        if path is None:
            pytest.skip(lab.NO_BROWSER)
        found = lab.launch(playwright, path, tmp_path_factory.mktemp("browser"))
        yield found
        found.close()


@pytest.fixture(scope="session")
def server(browser, tmp_path_factory):  # no server where there is no browser
    with lab.running_server(tmp_path_factory.mktemp("jupyterlab")) as found:
        yield found


@pytest.fixture(scope="session")
def address(site):
    with site_page.served(site) as found:
        yield found


def pytest_terminal_summary(terminalreporter):
    write_labs(terminalreporter)
    seen = {name: record for name, record in lab.RECORDS.items() if record.seconds is not None}
    if not seen:
        return
    terminalreporter.section("notebooks in the browser")
    terminalreporter.write_line(
        f"{'notebook':32} {'s to Run All':>12} {'widgets moved':>14} {'median ms to picture':>21}"
    )
    for name, record in seen.items():
        median = f"{statistics.median(record.milliseconds):.0f}" if record.milliseconds else "–"
        terminalreporter.write_line(
            f"{name:32} {record.seconds:12.1f} {len(record.moved):14} {median:>21}"
        )
    for name, record in seen.items():
        for remark in record.remarks:
            terminalreporter.write_line(f"{name}: {remark}")


def write_labs(terminalreporter):
    """Every control of the lab and what it changed, and how fast the lab is, in both its homes."""
    if not lab_page.MOVED + lab_page.MEASURED:
        return
    terminalreporter.section("the lab in the browser")
    for home, name, before, after, words in lab_page.MOVED:
        terminalreporter.write_line(f"{home:7} {name:12} {before:>16} → {after:18} {words}")
    for line in lab_page.MEASURED:
        terminalreporter.write_line(line)
