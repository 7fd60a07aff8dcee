"""How Sphinx builds the site: from the course's own notebooks and stored outputs, offline.

``gather`` copies the notebooks beside this file, into folders that git ignores, and changes in the
copies only what a page shows in another way: a widget becomes a note that says what it was, a
figure's words become its alternative text, and a link to a file of the repository leads to its page
here.
"""

import hashlib
import html
import importlib
import pkgutil
import posixpath
import re
import shutil
import sys
from base64 import b64decode
from pathlib import Path

import jupyter_server_mathjax
import nbformat
from myst_parser.slugs import github_slugify

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE), str(ROOT / "notebooks" / "homework")]

import blank  # noqa: E402
from address import FIRST, binder, repository  # noqa: E402
from api_pages import public_names  # noqa: E402

import gan_checks  # noqa: E402
import gan_lib  # noqa: E402  (all found by the line above)
from gan_lib import lab, plotting, triage  # noqa: E402

project = "Generative Adversarial Nets, computed"
author = "the authors of the course"
version = release = gan_lib.__version__
language = "en"  # with en_GB the search fails at its last line: Sphinx has no plural for it
html_show_copyright = False
html_show_sphinx = False

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "api_pages",
]
exclude_patterns = ["**/_*.md", "**/.ipynb_checkpoints", "notebooks/homework/*.ipynb"]
suppress_warnings = ["config.cache"]
nitpicky = False

# ---- the notebooks

REPOSITORY = repository()
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
HOMEWORK = sorted((ROOT / "notebooks" / "homework").glob("hw*.ipynb"))
HUB = "notebooks/homework/jupyterhub/README.md"
WIDGET = "application/vnd.jupyter.widget-view+json"
LINK = re.compile(
    r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(((?:[^()\s]|\([^()\s]*\))+)\)"  # [words](address)
)
WORDS = re.compile(
    r"<details><summary>The figure in words</summary>\n(.*?)\n</details>\s*", re.DOTALL
)
ALTERNATIVES = {}  # name of the picture's file -> alternative text


def write(name, text):
    """Write a file below docs/ unless it holds this already: Sphinx reads anew what is younger."""
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")


def relink(text, page, folder=""):
    """The Markdown of a file in ``folder`` as text of ``page``, its links such as the site has."""

    def mend(match):
        words, target = match.groups()
        if re.match(r"[a-z]+:", target):
            return match.group()
        path, _, anchor = target.partition("#")
        # Jupyter's name of a heading, such as What-D-has-learnt, is what-d-has-learnt here.
        anchor = github_slugify(anchor) and f"#{github_slugify(anchor)}"
        if not path:
            return f"[{words}]({anchor})"
        path = posixpath.normpath(posixpath.join(folder, path))
        if module := re.fullmatch(r"gan_lib/(\w+)(?:\.py|/\w+\.py)?", path):
            path = f"api/{module[1]}.rst"
        path = {"README.md": "index.md", "gan_lib": "api/index.rst"}.get(path, path)
        if (
            path.startswith("api/")
            or path == "index.md"
            or path == HUB
            or (path.endswith(".md") and (HERE / path).is_file())
            or (ROOT / path) in [*LESSONS, ROOT / "notebooks/homework/README.md"]
        ):
            path = posixpath.relpath(path, posixpath.dirname(page) or ".")
            return f"[{words}]({path}{anchor})"
        return f"[{words}]({REPOSITORY}/blob/HEAD/{path})" if REPOSITORY else words

    return LINK.sub(mend, text)


def fallback(plain, choices=()):
    """What a page shows for a widget, given its plain-text form; None for a mere progress bar."""
    if not plain.startswith("<interactive: "):
        return None
    name = plain.removeprefix("<interactive: ").removesuffix(">")
    if name.startswith("prediction, "):
        choices = choices or name.removeprefix("prediction, ").split(" / ")
        choices = "".join(f"<li>{html.escape(choice)}</li>" for choice in choices)
        return f'<div class="widget"><p>Choose before you read on:</p><ul>{choices}</ul></div>'
    return f'<div class="widget"><p>Interactive in Jupyter: <em>{html.escape(name)}</em>.</p></div>'


def choices_of(model, states):
    """The labels of a stored widget's buttons in full: its plain-text form may be cut short."""
    state = states.get(model, {}).get("state", {})
    inner = [
        choices_of(child.removeprefix("IPY_MODEL_"), states) for child in state.get("children", [])
    ]
    return state.get("_options_labels") or next(filter(None, inner), [])


LAB = "<interactive: the GAN lab, "


def live_lab(data, words):
    """A lab that runs in the page, and what stands there until it does: the stored picture."""
    name = data["text/plain"].removeprefix(LAB).removesuffix(">")
    kind = "run" if "=" in name else "experiment"
    words = html.escape(" ".join(words.split()))
    picture = "".join(data["image/png"].split())
    return (
        f'<div class="gan-lab" data-{kind}="{html.escape(name)}">'
        f'<img src="data:image/png;base64,{picture}" alt="{words}"></div>'
    )


def published(path):
    """The notebook as its page shows it."""
    notebook, name = nbformat.read(path, as_version=4), path.relative_to(ROOT).as_posix()
    widgets = notebook.metadata.pop("widgets", {})  # their state, which only a kernel can move
    states = widgets.get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    for cell, following in zip(notebook.cells, [*notebook.cells[1:], None]):
        if cell.cell_type == "markdown":
            cell.source = relink(WORDS.sub("", cell.source), name, posixpath.dirname(name))
            continue
        words = WORDS.match(following.source) if following else None
        kept = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data.get("text/plain", "").startswith(LAB):
                output.data = {"text/html": live_lab(data, words[1])}
            elif WIDGET in data:
                note = fallback(
                    data.get("text/plain", ""), choices_of(data[WIDGET]["model_id"], states)
                )
                if note is None:
                    continue
                output.data = {"text/html": note}
            elif "image/png" in data:
                picture = hashlib.sha256(b64decode(data["image/png"])).hexdigest()
                ALTERNATIVES[f"{picture}.png"] = " ".join(words[1].split())
            kept.append(output)
        cell.outputs = kept
    # A page needs no cell that installs, nor one that held a figure's words only.
    notebook.cells = [
        cell for cell in notebook.cells if cell.source and cell.get("id") != "gan-lib"
    ]
    return nbformat.writes(notebook) + "\n"


def heading(text):
    return f"{text}\n{'=' * len(text)}\n"


def page_of_checks():
    """The page of gan_checks: what each check asks for, homework by homework."""
    text = f"{heading('gan_checks')}\n.. automodule:: gan_checks\n   :no-members:\n\n"
    text += ".. autoexception:: NotYet\n\n.. autofunction:: number\n\n.. autofunction:: ready\n\n"
    last = None
    for name, module in gan_checks._MODULE_OF.items():
        title = f"Homework {re.match(r'homework(.)', module)[1]}"
        text += "" if title == last else f"{title}\n{'-' * len(title)}\n\n"
        about = getattr(getattr(gan_checks, name), "about", None)
        if about is None:
            text += f".. autofunction:: {name}\n\n"
        else:
            about = re.sub(r"([|*])", r"\\\1", about)
            text += f".. function:: {name}(answer, variant)\n\n   {about}\n\n"
        last = title
    return text


HOLD = """\
<label><input type="checkbox"> hold it still</label>
<img class="still" src="_static/still.png" alt="The same games at a few moments.
Above, four panels: the discriminator half-trained and trained, the generator's samples moved onto
the data, and the end. Below, a row of ten squares of noise, and how it becomes digits.">
"""  # for those whom the moving picture disturbs


def readme():
    """The README as text of the first page, with its pictures where html_static_path has them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").replace("](docs/", "](")
    text = text.replace('"docs/pictures/', '"_static/')
    moving = rf'<div class="moving">\n{HOLD}\g<0>\n</div>'
    return relink(re.sub("<picture>.*</picture>", moving, text, flags=re.DOTALL), "index.md")


def gather():
    """Copy the notebooks and write the pages of gan_lib."""
    for path in LESSONS:
        write(f"notebooks/{path.name}", published(path))
    homework = (ROOT / "notebooks/homework/README.md").read_text(encoding="utf-8")
    students, instructors = homework.split("## For instructors\n", 1)
    write("notebooks/_course.md", readme())
    page = "notebooks/homework/README.md"
    to_instructors = (
        "## For instructors\n\n"
        "How to release, collect and grade: [the instructor's page](../../instructors.md).\n"
    )
    write(page, relink(students, page, "notebooks/homework") + write_blanks() + to_instructors)
    write(
        "notebooks/homework/_instructors.md",
        relink(instructors, "instructors.md", "notebooks/homework"),
    )
    hub = (ROOT / HUB).read_text(encoding="utf-8")
    write(HUB, relink(hub, HUB, posixpath.dirname(HUB)))
    write_clinic()
    write_lab()
    write_api()


def write_blanks():
    """A blank of each homework to download, and the sentence that offers them."""
    links = []
    for path in HOMEWORK:
        write(f"notebooks/homework/{path.name}", nbformat.writes(blank.blank(path.stem)) + "\n")
        links.append(f"{{download}}`{path.stem} <{path.name}>`")
    return f"Or download a blank one here: {', '.join(links)}.\n\n"


CLINIC = """\
# The clinic on one page

Your GAN trains, and something is wrong. What do you see, what do you ask next, and what is it? Ten
bugs, each with the probe that finds it. They are taught in
[notebook 15](notebooks/15_broken_gan_clinic.ipynb); the probes are those of
[gan_lib.diagnose](api/diagnose.rst), which watch your own loop. In every recorded run of a sick
script the first probe to fail, in this order or in the library's, named the bug.

![The tables below as a tree: what is seen, what to ask, and what is wrong if it fails.](clinic.png)

"""


def write_clinic():
    """The decision tree of lesson 15 as a page, from the data that the lesson prints."""
    write("clinic.md", CLINIC + triage.page())
    write_picture("clinic.png", plotting.decision_tree(triage.tree()))


def write_picture(name, figure):
    """Write a figure below docs/ unless it is there already."""
    path, picture = HERE / name, plotting.png(figure)
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_bytes() != picture:
        path.write_bytes(picture)


def write_lab():
    """The lab's guided experiments as a list, with their pictures; how good its own weights are."""
    for each in lab.EXPERIMENTS:
        write_picture(f"lab/{each['id']}.png", lab.strip.picture(each["id"]))
    write("lab/_experiments.md", lab.strip.page())
    write("lab/_pretrained.md", lab.strip.table_of_pretrained())


def write_api():
    """A page for each module of gan_lib, and their list."""
    modules = [module.name for module in pkgutil.iter_modules(gan_lib.__path__)]
    rows = []
    for name in modules:
        module = importlib.import_module(f"gan_lib.{name}")
        about = " ".join(module.__doc__.split("\n\n")[0].split())
        rows.append(f"   * - :doc:`{name} <{name}>`\n     - {about}\n")
        text = f"{heading(f'gan_lib.{name}')}\n.. automodule:: gan_lib.{name}\n"
        if hasattr(module, "__path__"):
            text += f"   :no-members:\n\n{public_names(module)}"
        write(f"api/{name}.rst", text)
    table = ".. list-table::\n   :widths: 15 85\n\n" + "".join(rows)
    write("api/checks.rst", page_of_checks())
    listed = "".join(f"   {name}\n" for name in [*modules, "checks"])
    toctree = f".. toctree::\n   :hidden:\n\n{listed}"
    write(
        "api/index.rst",
        f"{heading('The module gan_lib')}\n.. automodule:: gan_lib\n   :no-members:\n\n"
        f"{table}\n{toctree}",
    )


nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js = {}
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
myst_update_mathjax = False

# ---- the pages of gan_lib

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_class_signature = "mixed"
python_maximum_signature_line_length = 120  # with the full names of types, which are not shown
autodoc_typehints = "signature"
autodoc_inherit_docstrings = False  # torch's words on forward
autodoc_preserve_defaults = True
add_module_names = False
python_use_unqualified_type_names = True


napoleon_google_docstring = False
napoleon_use_param = False  # names that share a line stay together

# ---- formulas: MathJax from a wheel, with its own fonts, so no page asks the network

UNSEEN = "double-struck script fraktur bold-script bold-fraktur monospace".split()
mathjax_path = "mathjax/MathJax.js"
mathjax2_config = {
    "config": ["TeX-AMS-MML_HTMLorMML-full.js"],
    "tex2jax": {
        "ignoreClass": "tex2jax_ignore|mathjax_ignore|document",
        "processClass": "math",
        "processEscapes": False,
    },
    "MMLorHTML": {"prefer": "HTML"},
    "HTML-CSS": {
        "availableFonts": [],
        "preferredFont": None,
        "webFont": "STIX-Web",
        "imageFont": None,
        "scale": 95,
    },
    # Formulas also as MathML, unseen, for those who listen; it needs no fonts.
    "menuSettings": {"assistiveMML": True},
    "NativeMML": {
        "styles": {f'[mathvariant="{name}"]': {"font-family": "inherit"} for name in UNSEEN}
    },
    "showMathMenu": False,
    "messageStyle": "none",
}
MATHJAX = (
    "MathJax.js LICENSE config extensions fonts jax/element jax/input jax/output/HTML-CSS".split()
)


def copy_mathjax(app, exception):
    """Copy the part of MathJax that is used, without its speech engine, into the built site."""
    if exception is None and app.builder.format == "html":
        source = Path(jupyter_server_mathjax.__file__).parent / "static"
        for name in MATHJAX:
            target = Path(app.outdir) / "_static" / "mathjax" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (source / name).is_dir():
                shutil.copytree(
                    source / name,
                    target,
                    ignore=shutil.ignore_patterns(
                        "mathjax-sre.js", "wgxpath.install.js", "invalid_keypress.mp3", "mathmaps"
                    ),
                    dirs_exist_ok=True,
                )
            else:
                shutil.copyfile(source / name, target)


# ---- the lab: its front end and its engine for the browser

LAB_FILES = [*(ROOT / "gan_lib/lab/web").iterdir(), *(ROOT / "gan_lib/lab").glob("*.json")]


def copy_lab(app, builder):
    """Copy the lab's JavaScript, styles and tables, and draw what stands there without them."""
    target = Path(app.outdir) / "_static" / "lab"
    target.mkdir(parents=True, exist_ok=True)
    for path in LAB_FILES:
        shutil.copyfile(path, target / path.name)
    (target / "picture.png").write_bytes(plotting.png(lab.strip.picture("first")))


def load_lab(app, pagename, templatename, context, doctree):
    """Only a page that has a lab loads it."""
    if 'class="gan-lab"' in context.get("body", ""):
        for path in LAB_FILES:
            if path.suffix == ".css":
                app.add_css_file(f"lab/{path.name}")
        app.add_js_file("lab/page.js", type="module")


# ---- how it looks

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["_static", "pictures"]
html_css_files = ["course.css"]
html_context = {"default_mode": "auto"}
templates_path = ["_templates"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "show_navbar_depth": 2,
    "show_toc_level": 2,
    "use_download_button": False,
    "navbar_persistent": [],
    "footer_content_items": [],
    "article_header_end": ["launch.html", "article-header-buttons.html"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def describe_pictures(app, doctree):
    """Give each picture of a notebook the words that stand below it there."""
    for image in doctree.findall(lambda node: node.tagname == "image"):
        name = posixpath.basename(image["uri"])
        if "alt" not in image and re.fullmatch(r"[0-9a-f]{64}\.png", name):
            image["alt"] = ALTERNATIVES[name]


def launch_button(app, pagename, templatename, context, doctree):
    """A notebook's page opens that notebook on Binder, every other page the first one."""
    notebook = f"{pagename}.ipynb" if (ROOT / f"{pagename}.ipynb").exists() else FIRST
    context["launch"] = binder(REPOSITORY, notebook)


gather()


def setup(app):
    app.connect("doctree-read", describe_pictures)
    app.connect("html-page-context", launch_button)
    app.connect("html-page-context", load_lab)
    app.connect("write-started", copy_lab)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": False}
