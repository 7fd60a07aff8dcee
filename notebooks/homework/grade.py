"""Grade all submissions of a homework, several at a time: what is graded already stays as it is.

    python grade.py hw1 --jobs 2

does what ``nbgrader autograde hw1`` does, in one process per student, and ends with the table that
``python summary.py hw1`` shows. Stop it when you like, and run it again.
"""

import argparse
import importlib.util
import multiprocessing
import os
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

HERE = Path(__file__).resolve().parent
COURSE = HERE / "class"
WAIT_FOR_GRADEBOOK = 120  # seconds that one process lets the others write before it gives up


def log_of(student, name):
    return COURSE / "logs" / name / f"{student}.log"


# In the process that grades one student


def die_with_parent():
    """End this process, and all it started, as soon as the one that started it has ended."""
    import psutil

    multiprocessing.parent_process().join()
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(1)


def grade_one(student, name, options):
    """Run nbgrader for one student, in a process of its own; what it says goes to a file."""
    from filelock import FileLock

    threading.Thread(target=die_with_parent, daemon=True).start()
    log = log_of(student, name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(log.with_suffix(".lock")), open(log, "w", encoding="utf-8") as file:
        for stream in sys.stdout, sys.stderr:
            os.dup2(file.fileno(), stream.fileno())
        autograde(student, name, options)


def autograde(student, name, options):
    from nbgrader.apps import AutogradeApp

    os.chdir(HERE)
    app = AutogradeApp()
    gradebook = f"sqlite:///{COURSE}/gradebook.db?timeout={WAIT_FOR_GRADEBOOK}"
    app.initialize([name, "--force", f"--CourseDirectory.db_url={gradebook}", *options])
    app.coursedir.student_id = student
    app.start()


# In the process that starts them


def processes():
    """Starts processes that have what they need imported already, where the system can do that."""
    ways = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")
    if "forkserver" in ways:
        context.set_forkserver_preload(["nbgrader.apps", "filelock", "psutil", "running"])
    return context


def run(context, student, name, options, minutes):
    """Grade one student; returns whether that worked, and the seconds that it took."""
    start = time.monotonic()
    process = context.Process(target=grade_one, args=(student, name, options), daemon=True)
    process.start()
    process.join(60 * minutes)
    if process.is_alive():
        end(process)
        with open(log_of(student, name), "a", encoding="utf-8") as log:
            log.write(f"Stopped after {minutes} minutes.\n")
    return process.exitcode == 0, time.monotonic() - start


def end(process):
    import psutil

    for child in psutil.Process(process.pid).children(recursive=True):
        child.kill()
    process.kill()
    process.join()


def waiting(name, again):
    """(all whose notebook was collected, those of them who have to be graded)"""
    from summary import state

    found = sorted(path.parts[-3] for path in COURSE.glob(f"submitted/*/{name}/{name}.ipynb"))
    return found, [each for each in found if each in again or not state(each, name)[0]]


def grade(name, jobs, minutes, options=(), again=()):
    """Grade whom this homework still has to grade."""
    found, students = waiting(name, again)
    print(f"{len(found)} collected, {len(students)} to grade, {jobs} at a time", flush=True)
    threads = max(1, (os.cpu_count() or 1) // jobs)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    context = processes()
    with ThreadPoolExecutor(jobs) as pool:
        tasks = {
            pool.submit(run, context, student, name, list(options), minutes): student
            for student in students
        }
        try:
            tell(tasks)
        except KeyboardInterrupt:  # what is half done is graded anew by the next run
            print("stopped; the same command goes on from here", flush=True)
            os._exit(1)


def tell(tasks):
    for count, task in enumerate(as_completed(tasks), 1):
        worked, seconds = task.result()
        what = "graded" if worked else "NO GRADE"
        print(f"{count}/{len(tasks)} {tasks[task]}: {what}, {seconds:.0f} s", flush=True)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("homework", metavar="hw", help="for instance hw1")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument(
        "--minutes", type=float, default=30, help="after which a submission is given up (30)"
    )
    parser.add_argument(
        "--again", nargs="+", default=[], metavar="STUDENT", help="grade these anew in any case"
    )
    options, others = parser.parse_known_args(arguments)
    if options.jobs < 1:
        parser.error(f"argument --jobs: must be 1 or more, not {options.jobs}")
    for other in others:  # nbgrader's own, such as --ExecutePreprocessor.timeout=60
        if not re.fullmatch(r"--\w+\.\w+=.*", other):
            parser.error(f"unrecognized argument: {other}")
    return options, others


def main(arguments=None):
    options, others = parse(arguments)
    name = options.homework
    if importlib.util.find_spec("nbgrader") is None:
        return "nbgrader is missing here: pip install -r requirements-instructor.txt"
    if not (COURSE / "source" / name / f"{name}.ipynb").exists():
        return f"{name} has not been released: python release.py {name} --variant 7"
    from filelock import FileLock, Timeout

    try:
        with FileLock(COURSE / "grading.lock", timeout=0):
            grade(name, options.jobs, options.minutes, others, options.again)
    except Timeout:
        return "This class is being graded already."
    from summary import show

    show(name)


if __name__ == "__main__":
    sys.exit(main())
