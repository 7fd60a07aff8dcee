"""The site as it is served, and a page of a browser that reaches nothing else."""

import contextlib
import functools
import http.server
import threading

import jupyterlab_page as lab


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def served(folder):
    """Serve a folder. Yields: its address."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=folder)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@contextlib.contextmanager
def opened(browser, address):
    """An empty page; ``page.complaints`` gathers errors, what is not found, and requests
    elsewhere, which are refused."""
    page = browser.new_page()
    page.complaints = []

    def let_through(route):
        if route.request.url.startswith((address, "data:", "blob:")):
            return route.continue_()
        page.complaints.append(f"asks for {route.request.url}")
        route.abort()

    page.route("**/*", let_through)
    page.on("pageerror", lambda error: page.complaints.append(f"page error: {error}"))
    page.on(
        "response",
        lambda answer: (
            page.complaints.append(f"{answer.status} {answer.url}")
            if answer.status >= 400
            else None
        ),
    )
    yield page
    page.close()


def visit(page, address, name):
    page.goto(f"{address}/{name}.html")
    page.wait_for_function(
        "() => !window.MathJax?.Hub || MathJax.Hub.queue.pending === 0", timeout=60_000 * lab.SLOW
    )
    page.wait_for_timeout(300)
