"""A reader who loses patience: the stop button in the middle of training, and then the next
cell."""

import jupyterlab_page as lab
import pytest

NAME = "09_mnist_gan"
TRAINS = "widgets.progress("


@pytest.fixture
def notebook(server, browser):
    opened = lab.Notebook(server, browser, NAME)
    yield opened
    opened.close()


def run_selected(notebook, index, command="notebook:run-cell"):
    notebook.ask("select", index)
    notebook.ask("command", command)


def test_training_is_interrupted_and_the_next_cell_works(notebook):
    training = notebook.ask("find", TRAINS)
    run_selected(notebook, training, "notebook:run-all-above")
    notebook.wait("course.ran() !== null", 120)
    run_selected(notebook, training)
    notebook.wait(rf"/\b[1-9]\d*\/\d{{4}}\b/.test(course.outputText({training}))", 60)
    assert notebook.ask("status") == "busy"
    notebook.page.locator("[data-command='notebook:interrupt-kernel']:visible").first.click()
    notebook.wait("course.ran() !== null && course.status() === 'idle'", 20)
    assert notebook.ask("errorNames", training) == ["KeyboardInterrupt"]
    following = notebook.ask("find", "", training)
    run_selected(notebook, following)
    notebook.wait("course.ran() !== null && course.status() === 'idle'", 60)
    assert notebook.ask("errorNames", following) == []
    notebook.wait(f"course.outputPictures({following}) > 0", 20)
    assert notebook.complaints == []
