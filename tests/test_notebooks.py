"""The notebooks as documents: valid, executed, small, whole, and with the same definitions as the
library.

Each rule is a function of a notebook and its path that returns a list of complaints. The rules are
tested themselves: on a small notebook made in memory that keeps all of them, and on copies of it
that each break one.
"""

import ast
import importlib
import math
import re
import symtable
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pytest
import torch
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from scipy import linalg, optimize
from scipy.integrate import cumulative_trapezoid, trapezoid
from scipy.spatial import distance
from scipy.special import logsumexp, rel_entr
from scipy.stats import norm
from torch import nn
from torch.nn import functional

from gan_lib import information

ROOT = Path(__file__).resolve().parent.parent
IGNORED = {".ipynb_checkpoints", "class", "mine"}  # what Jupyter, a class and a student keep there
NOTEBOOKS = sorted(
    path
    for path in (ROOT / "notebooks").rglob("*.ipynb")
    if not IGNORED & set(path.relative_to(ROOT).parts)
)
MAX_KILOBYTES = 800
CLOSING = "What you now know"
MACHINE_PATH = re.compile(
    r"(?<![\w.~-])(?:/(?:root|home|work|tmp|Users)(?![\w.-])|[A-Za-z]:\\+Users\b)"
)
BASE64 = re.compile(r"base64,[A-Za-z0-9+/=\s]+")
WORDS = re.compile(r"<details><summary>The figure in words</summary>\n([^<>]+)\n</details>(\n\n|$)")
NOT_PROSE = [
    re.compile(pattern, re.MULTILINE | re.DOTALL)
    for pattern in (
        r"^#[^\n]*",
        r"\*\*[IVX]+\*\*",
        r"```.*?```|`[^`]*`",
        r"<details><summary>The figure in words</summary>.*?</details>",
        r"\$\$.*?\$\$|(?<!\\)\$[^$]+\$",
        r"\[[^]]*\]\([^)]*\.ipynb[^)]*\)|\]\([^)]*\)",  # a lesson's title is a heading
        r"<[^>]*>",
    )
]
BARE_SYMBOL = re.compile(
    r"(?<![\w\\])(?:[pq]_\w+|[CD]\\?\*|\w?[₀-₉ₐ-ₜᵢⱼ]+|[α-ωΓΔΘΛΣΦΨΩ]|[DGVxz](?![’'\w]))"
)
LINK = re.compile(r"""\]\(\s*<?([^)\s>]+\.ipynb)[^)]*\)|href=["']([^"'#]+\.ipynb)""")

TO_HEADING = re.compile(r"\]\(([^)\s#]+\.ipynb)?#((?:[^()\s]|\([^()\s]*\))+)\)")


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown" and cell.source.strip()]


def tags(cell):
    return cell.metadata.get("tags", [])


def short(cell):
    """The beginning of a cell, to say which one is meant."""
    return repr(cell.source.strip().splitlines()[0][:60])


def python(cell):
    """The cell's code as a syntax tree; magics and shell commands become the calls that they
    stand for."""
    return ast.parse(TransformerManager().transform_cell(cell.source))


# The rules.


def is_valid(notebook, path):
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        return [str(error).splitlines()[0]]
    return []


def is_small(notebook, path):
    kilobytes = len(nbformat.writes(notebook).encode()) / 1000
    return [f"{kilobytes:.0f} kB, more than {MAX_KILOBYTES}"] if kilobytes > MAX_KILOBYTES else []


def runs_on_any_python_3(notebook, path):
    name = notebook.metadata.get("kernelspec", {}).get("name")
    return [] if name == "python3" else [f"kernelspec is {name!r}, not 'python3'"]


def stores_no_errors(notebook, path):
    return [
        f"{short(cell)} stores the error {output.ename}"
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "error" and "raises-exception" not in tags(cell)
    ]


def was_run_from_top_to_bottom(notebook, path):
    counts = [(cell.execution_count, cell) for cell in code_cells(notebook)]
    complaints = [f"{short(cell)} was not executed" for count, cell in counts if count is None]
    done = [(count, cell) for count, cell in counts if count is not None]
    return complaints + [
        f"{short(cell)} was executed out of order"
        for (a, _), (b, cell) in zip(done, done[1:])
        if b <= a
    ]


VIEW, STATE = (f"application/vnd.jupyter.widget-{what}+json" for what in ("view", "state"))


def shows_its_own_widgets(notebook, path):
    """A stored widget is drawn from the state that is stored in the same notebook."""
    stored = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    return [
        f"{short(cell)} shows a widget whose state is not stored"
        for cell in code_cells(notebook)
        for output in cell.outputs
        if VIEW in output.get("data", {}) and output.data[VIEW]["model_id"] not in stored
    ]


def keeps_no_times(notebook, path):
    return [
        f"{short(cell)} keeps the times of its last run"
        for cell in notebook.cells
        if "execution" in cell.metadata
    ]


def opens_with_a_title_and_a_question(notebook, path):
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.lstrip().startswith("# "):
        return ["does not begin with a Markdown title"]
    opening = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            break
        opening.append(cell.source)
    return [] if "?" in "".join(opening) else ["asks no question before its first code"]


def closes_with_what_you_now_know(notebook, path):
    closing = notebook.cells[-2:]  # the next notebook may be named in a cell of its own
    return (
        []
        if any(CLOSING in cell.source for cell in closing)
        else [f"does not close with {CLOSING!r}"]
    )


def only_shows(cell):
    """Whether the cell does nothing but import, call, and look: it loads data or displays a
    widget, and claims nothing."""
    quiet = (ast.Import, ast.ImportFrom, ast.Pass)
    return all(
        isinstance(statement, quiet)
        or (
            isinstance(statement, (ast.Expr, ast.Assign))
            and isinstance(statement.value, (ast.Call, ast.Name, ast.Attribute))
        )
        for statement in python(cell).body
    )


def unchecked_outputs_are_asserted(notebook, path):
    """Where nbval does not compare the output, the cell itself must hold it to something."""
    complaints = []
    for cell in code_cells(notebook):
        if "nbval-ignore-output" in tags(cell) and not any(
            isinstance(node, ast.Assert) for node in ast.walk(python(cell))
        ):
            if "shows-only" not in tags(cell):
                complaints.append(f"{short(cell)} ignores its output and asserts nothing")
            elif not only_shows(cell):
                complaints.append(f"{short(cell)} is tagged shows-only, but computes")
    return complaints


def texts(cell):
    """What a reader can see of a cell as text: its source and its outputs, but no encoded
    pictures."""
    yield cell.source
    for output in cell.get("outputs", []):
        yield output.get("text", "")
        yield "\n".join(output.get("traceback", []))
        for kind, content in output.get("data", {}).items():
            if kind.startswith("text/") or kind == "image/svg+xml":
                yield content


def names_no_place_on_a_machine(notebook, path):
    return [
        f"{short(cell)} names {match.group()!r}, a place on one machine"
        for cell in notebook.cells
        for text in texts(cell)
        for match in MACHINE_PATH.finditer(BASE64.sub("", text))
    ]


def links_to_notebooks_resolve(notebook, path):
    found = [match for cell in markdown_cells(notebook) for match in LINK.finditer(cell.source)]
    targets = [unquote(match.group(1) or match.group(2)) for match in found]
    return [
        f"links to {target}, which is not there"
        for target in targets
        if "://" not in target and not (path.parent / target).exists()
    ]


def headings(notebook):
    """The names under which Jupyter finds a notebook's headings: their text, with hyphens."""
    lines = [line for cell in markdown_cells(notebook) for line in cell.source.splitlines()]
    found = [re.match(r"#{1,6} +(.*?)\s*$", line) for line in lines]
    names = {match[1].replace("\\", "").replace(" ", "-") for match in found if match}
    return {name for name in names if "$" not in name}  # a formula's has two spellings


def links_to_headings_resolve(notebook, path):
    """A link that names a heading names it as Jupyter does; the site has names of its own for the
    same headings."""
    complaints = []
    for cell in markdown_cells(notebook):
        for name, anchor in TO_HEADING.findall(cell.source):
            target = path.parent / unquote(name)
            if not name or "://" not in name and target.exists():
                there = nbformat.read(target, as_version=4) if name else notebook
                if unquote(anchor) not in headings(there):
                    where = f" in {name}" if name else ""
                    complaints.append(f"links to {anchor!r}{where}, where no heading has that name")
    return complaints


def figures_are_put_into_words(notebook, path):
    """Below each figure stands what is in it, folded away: for those who cannot see it, and for
    the site."""
    complaints, said = [], set()
    for cell, following in zip(notebook.cells, [*notebook.cells[1:], None]):
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
            words = (
                WORDS.match(following.source)
                if following and following.cell_type == "markdown"
                else None
            )
            if not words:
                complaints.append(
                    f"{short(cell)} shows a figure, but what follows does not put it into words"
                )
            elif not 25 <= len(words[1].split()) <= 75 or words[1] in said:
                complaints.append(
                    f"{short(cell)} shows a figure, whose words are too few, "
                    "too many, or those of another"
                )
            else:
                said.add(words[1])
    return complaints


def prose(source):
    """A Markdown cell without its headings, formulas, code, addresses, figures in words, and the
    numbers of parts."""
    for pattern in NOT_PROSE:
        source = pattern.sub(" ", source)
    return source


def symbols_are_mathematics(notebook, path):
    """In running text a symbol is set as in a formula: $p_g$, and not p_g."""
    found = [(cell, BARE_SYMBOL.findall(prose(cell.source))) for cell in markdown_cells(notebook)]
    return [f"{short(cell)} sets {sorted(set(bare))} as text" for cell, bare in found if bare]


def functions_keep_their_names(notebook, path):
    """A function looks its globals up when it is called: a callback, after later cells may have
    used the names again."""
    cells = code_cells(notebook)
    sources = [TransformerManager().transform_cell(cell.source) for cell in cells]
    return [
        f"{function} in {short(cell)} uses {name}, which a later cell assigns anew"
        for i, cell in enumerate(cells)
        for function, name in sorted(
            globals_of_functions(symtable.symtable(sources[i], "cell", "exec"))
        )
        if any(name in assigned(source) for source in sources[i + 1 :])
    ]


def globals_of_functions(table, function=None):
    """{(function, global name that it reads)}; a comprehension is over when its cell is, so that
    it counts only inside one."""
    found = {
        (function, s.get_name())
        for s in table.get_symbols()
        if function and s.is_global() and s.is_referenced()
    }
    for child in table.get_children():
        inner = (
            function
            if child.get_name() in ("listcomp", "setcomp", "dictcomp", "genexpr")
            else child.get_name()
        )
        found |= globals_of_functions(child, inner)
    return found


def assigned(source):
    symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    return {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}


# Inline definitions: what a cell tagged "inline:gan_lib.module.name" defines must be what
# gan_lib.module.name is.

GRID = np.linspace(-6, 6, 1201)


def logits(rng):
    return torch.from_numpy(rng.normal(0, 3, (rng.integers(1, 20), 1)))


def density(rng):
    return norm.pdf(
        GRID, rng.uniform(-0.7, 0.7), rng.uniform(0.9, 1.1)
    )  # neither vanishes where the other does not


def narrow_density(rng):
    return norm.pdf(
        GRID, rng.uniform(-0.7, 0.7), rng.uniform(0.4, 0.6)
    )  # none of its mass lies beyond the grid


def probabilities(rng):
    return rng.dirichlet(np.ones(6))


def answers(rng):
    return rng.uniform(0.05, 0.95, GRID.shape)


def covariance(rng):
    return np.cov(rng.normal(size=(4, 20)))


ARGUMENTS = {
    "gan_lib.losses.discriminator_loss": lambda rng: (logits(rng), logits(rng)),
    "gan_lib.losses.minimax_generator_loss": lambda rng: (logits(rng),),
    "gan_lib.losses.non_saturating_generator_loss": lambda rng: (logits(rng),),
    "gan_lib.losses.feature_matching_loss": lambda rng: (
        torch.tensor(rng.normal(size=(5, 3))),
        torch.tensor(rng.normal(size=(7, 3))),
    ),
    "gan_lib.game.optimal_discriminator": lambda rng: (density(rng), density(rng)),
    "gan_lib.game.value": lambda rng: (answers(rng), density(rng), density(rng), GRID),
    "gan_lib.game.cost": lambda rng: (density(rng), density(rng), GRID),
    "gan_lib.densities.kl": lambda rng: (narrow_density(rng), narrow_density(rng), GRID),
    "gan_lib.densities.js": lambda rng: (density(rng), density(rng), GRID),
    "gan_lib.densities.total_variation": lambda rng: (density(rng), density(rng), GRID),
    "gan_lib.densities.wasserstein1": lambda rng: (narrow_density(rng), narrow_density(rng), GRID),
    "gan_lib.evaluation.parzen_log_density": lambda rng: (
        rng.normal(size=(7, 3)),
        rng.normal(size=(5, 3)),
        rng.uniform(0.1, 2),
    ),
    "gan_lib.evaluation.dimension.two_nearest_neighbours": lambda rng: (rng.normal(size=(60, 4)),),
    "gan_lib.evaluation.inception_score": lambda rng: (rng.dirichlet(np.ones(6), 20),),
    "gan_lib.evaluation.gaussian_frechet_distance": lambda rng: (
        rng.normal(size=4),
        covariance(rng),
        rng.normal(size=4),
        covariance(rng),
    ),
    "gan_lib.evaluation.transport_plan": lambda rng: (
        rng.dirichlet(np.ones(4)),
        rng.dirichlet(np.ones(5)),
        rng.uniform(size=(4, 5)),  # of such costs no two plans are equally cheap
    ),
    "gan_lib.evaluation.sorted_wasserstein1": lambda rng: (rng.normal(size=9), rng.normal(size=9)),
    "gan_lib.evaluation.wasserstein1": lambda rng: (
        rng.normal(size=(9, 3)),
        rng.normal(size=(9, 3)),
    ),
    "gan_lib.information.self_information": lambda rng: (
        rng.uniform(0.01, 1, 5),
        rng.uniform(1.5, 4),
    ),
    "gan_lib.information.entropy": lambda rng: (probabilities(rng), rng.uniform(1.5, 4)),
    "gan_lib.information.cross_entropy": lambda rng: (
        probabilities(rng),
        probabilities(rng),
        rng.uniform(1.5, 4),
    ),
    "gan_lib.information.kl_divergence": lambda rng: (
        probabilities(rng),
        probabilities(rng),
        rng.uniform(1.5, 4),
    ),
    "gan_lib.information.js_divergence": lambda rng: (
        probabilities(rng),
        probabilities(rng),
        rng.uniform(1.5, 4),
    ),
    "gan_lib.likelihood.gaussian_kl": lambda rng: (
        torch.tensor(rng.normal(size=(5, 3))),
        torch.tensor(rng.normal(size=(5, 3))),
    ),
    "gan_lib.likelihood.pixel_log_likelihood": lambda rng: (
        torch.tensor(rng.normal(0, 3, size=(5, 1, 4, 3))),
        torch.tensor(rng.integers(2, size=(5, 1, 4, 3))).double(),
    ),
    "gan_lib.models.neighbours": lambda rng: (
        torch.tensor(rng.normal(size=(3, 1, 28, 28))),
        int(rng.integers(1, 9)),
    ),
}


def library_function(full_name):
    module, name = full_name.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


def differences(inline, full_name, draws=10):
    rng = np.random.default_rng(0)
    for _ in range(draws):
        arguments = ARGUMENTS[full_name](rng)
        expected = np.asarray(library_function(full_name)(*arguments))
        assert np.isfinite(expected).all(), (
            f"{full_name}: two infinities would be equal, but say nothing"
        )
        try:
            found = np.asarray(inline(*arguments))
        except Exception as error:
            return [f"{full_name}: the cell's raises {error!r}"]
        if found.shape != expected.shape or not np.allclose(found, expected, rtol=1e-6, atol=1e-9):
            return [
                f"{full_name}: the cell's {np.ravel(found)[:3]}, "
                f"the library's {np.ravel(expected)[:3]}"
            ]
    return []


def inline_definitions_are_the_librarys(notebook, path):
    """A cell may use what earlier inline cells of the same notebook defined, what libraries
    offer, and nothing else of it."""
    namespace = {
        "torch": torch,
        "np": np,
        "math": math,
        "F": functional,
        "nn": nn,
        "information": information,
    }
    namespace |= {
        "trapezoid": trapezoid,
        "cumulative_trapezoid": cumulative_trapezoid,
        "rel_entr": rel_entr,
    }
    namespace |= {"linalg": linalg, "logsumexp": logsumexp}
    namespace |= {"optimize": optimize, "distance": distance}
    complaints = []
    for cell in code_cells(notebook):
        for full_name in [
            tag.removeprefix("inline:") for tag in tags(cell) if tag.startswith("inline:")
        ]:
            if full_name not in ARGUMENTS:
                complaints.append(
                    f"{short(cell)} is tagged inline:{full_name}, which this test does not know"
                )
                continue
            name = full_name.rsplit(".", 1)[1]
            namespace.pop(name, None)
            exec(cell.source, namespace)
            if name in namespace:
                complaints += differences(namespace[name], full_name)
            else:
                complaints.append(
                    f"{short(cell)} is tagged inline:{full_name}, but defines no {name}"
                )
    return complaints


RULES = [
    is_valid,
    is_small,
    runs_on_any_python_3,
    stores_no_errors,
    was_run_from_top_to_bottom,
    shows_its_own_widgets,
    keeps_no_times,
    opens_with_a_title_and_a_question,
    closes_with_what_you_now_know,
    unchecked_outputs_are_asserted,
    names_no_place_on_a_machine,
    links_to_notebooks_resolve,
    links_to_headings_resolve,
    figures_are_put_into_words,
    symbols_are_mathematics,
    functions_keep_their_names,
    inline_definitions_are_the_librarys,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize(
    "path", NOTEBOOKS, ids=lambda path: path.relative_to(ROOT / "notebooks").as_posix()
)
def test_notebook(path, rule):
    assert rule(nbformat.read(path, as_version=4), path) == []


# What only lessons have.

LESSONS = [path for path in NOTEBOOKS if re.match(r"\d\d_", path.name)]
INSTALL = """\
import importlib.util

if not importlib.util.find_spec("gan_lib"):  # as on Colab: install it. Elsewhere nothing happens
    %pip install --quiet """


def test_every_lesson_installs_gan_lib_where_it_is_missing_and_from_one_place():
    assert len(LESSONS) > 10
    first = [code_cells(nbformat.read(path, as_version=4))[0].source for path in LESSONS]
    assert {source[: len(INSTALL)] for source in first} == {INSTALL}
    (place,) = {source[len(INSTALL) :] for source in first}
    assert place == ".." or place.startswith("git+https://")


def test_the_verdicts_on_the_paper_are_counted_as_they_stand():
    """Lesson 19 draws how many rows of its tables have which verdict, by section of the paper."""
    (path,) = (path for path in LESSONS if path.stem.startswith("19_"))
    notebook = nbformat.read(path, as_version=4)
    kinds = ["proved", "computed", "under conditions", "refuted", "open"]
    row = re.compile(rf"^\| (abstract|\d(?:\.\d)?)[^|]* \| .* \| \*\*({'|'.join(kinds)})\*\* \|")
    counted = {}
    for cell in markdown_cells(notebook):
        heading = re.search(r"^### (\d\.\d)", cell.source, re.MULTILINE)
        for found in filter(None, map(row.match, cell.source.splitlines())):
            section = {"4": heading and heading[1]}.get(found[1], found[1])
            section = "7" if section.startswith("7") else section
            counted.setdefault(section, [0] * 5)[kinds.index(found[2])] += 1
    (ledger,) = (
        ast.literal_eval(statement.value)
        for cell in code_cells(notebook)
        for statement in python(cell).body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "LEDGER"
    )
    assert ledger == counted and list(ledger) == list(counted)


# The rules themselves.


def test_every_inline_name_is_the_librarys():
    for full_name in ARGUMENTS:
        assert differences(library_function(full_name), full_name) == []


LOSS = """\
def discriminator_loss(real_logits, fake_logits):
    return -F.logsigmoid(real_logits).mean() - F.logsigmoid(-fake_logits).mean()"""


IN_WORDS = (
    f"<details><summary>The figure in words</summary>\n{'One dot more. ' * 10}\n</details>\n\n"
)


def good_notebook():
    """A small notebook that keeps all the rules. Its cells: title, code, loss, widget, ignored
    output, text, closing."""
    cells = [
        new_markdown_cell(
            "# Counting\n\nHow much is **1 + 1**? "
            "Not long ago that was asked [here](other.ipynb#part)."
        ),
        new_code_cell(
            "1 + 1",
            execution_count=1,
            outputs=[new_output("execute_result", {"text/plain": "2"}, execution_count=1)],
        ),
        new_code_cell(
            LOSS, execution_count=2, metadata={"tags": ["inline:gan_lib.losses.discriminator_loss"]}
        ),
        new_code_cell(
            "import ipywidgets\nslider = ipywidgets.IntSlider()\nslider",
            execution_count=3,
            outputs=[new_output("display_data", {VIEW: {"model_id": "slider"}})],
            metadata={"tags": ["nbval-ignore-output", "shows-only"]},
        ),
        new_code_cell(
            "import time\nnow = time.time()\nassert now > 0\nnow",
            execution_count=4,
            outputs=[
                new_output(
                    "display_data",
                    {
                        "image/png": "aaaa+/tmp/aaa",
                        "text/html": "<img src='data:a;base64,a+/tmp+a'>",
                    },
                )
            ],
            metadata={"tags": ["nbval-ignore-output"]},
        ),
        new_markdown_cell(
            IN_WORDS
            + "See [the web](https://example.com/home/x.ipynb), and our ../homework/01 or 1/root."
        ),
        new_markdown_cell(f"## {CLOSING}\n\nThat it is 2."),
    ]
    return new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "widgets": {STATE: {"state": {"slider": {}}}},
        },
    )


@pytest.fixture
def folder(tmp_path):
    other = new_notebook(cells=[new_markdown_cell("# Other\n\n## part")])
    nbformat.write(other, tmp_path / "other.ipynb")
    return tmp_path


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_notebook_keeps_every_rule(rule, folder):
    assert rule(good_notebook(), folder / "this.ipynb") == []


def source(index, text):
    def change(notebook):
        notebook.cells[index].source = text

    return change


def output(index, *args, **kwargs):
    return lambda notebook: notebook.cells[index].outputs.append(new_output(*args, **kwargs))


def tagged(index, *new_tags):
    def change(notebook):
        notebook.cells[index].metadata["tags"] = list(new_tags)

    return change


def counted(index, count):
    def change(notebook):
        notebook.cells[index].execution_count = count

    return change


ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}
NO_QUESTION = "# Counting\n\nOne and one."
SWAPPED_LOSS = LOSS.replace("(real_logits)", "(-real_logits)")
SUMMED_LOSS = LOSS.replace("mean", "sum")
VECTOR_LOSS = LOSS.replace(".mean()", "")

MISTAKES = [
    ("cell of no kind", is_valid, lambda notebook: notebook.cells[1].update(cell_type="photo")),
    ("no outputs", is_valid, lambda notebook: notebook.cells[1].pop("outputs")),
    ("huge picture", is_small, output(1, "display_data", {"image/png": "A" * 800_000})),
    (
        "another kernel",
        runs_on_any_python_3,
        lambda notebook: notebook.metadata.kernelspec.update(name="conda-env-mine"),
    ),
    ("no kernel", runs_on_any_python_3, lambda notebook: notebook.metadata.pop("kernelspec")),
    ("stored error", stores_no_errors, output(1, **ERROR)),
    ("not executed", was_run_from_top_to_bottom, counted(3, None)),
    ("out of order", was_run_from_top_to_bottom, counted(3, 9)),
    (
        "times",
        keeps_no_times,
        lambda notebook: notebook.cells[1].metadata.update(execution={"iopub.status.idle": "now"}),
    ),
    ("no title", opens_with_a_title_and_a_question, source(0, "Counting?")),
    ("code first", opens_with_a_title_and_a_question, lambda notebook: notebook.cells.pop(0)),
    ("no question", opens_with_a_title_and_a_question, source(0, NO_QUESTION)),
    ("empty", opens_with_a_title_and_a_question, lambda notebook: notebook.cells.clear()),
    ("no closing", closes_with_what_you_now_know, source(6, "Goodbye.")),
    (
        "closing too early",
        closes_with_what_you_now_know,
        lambda notebook: notebook.cells.insert(2, notebook.cells.pop()),
    ),
    ("nothing asserted", unchecked_outputs_are_asserted, source(4, "import time\ntime.time()")),
    (
        "only a comment",
        unchecked_outputs_are_asserted,
        source(4, "import time\ntime.time()  # assert now > 0"),
    ),
    (
        "shows, but computes",
        unchecked_outputs_are_asserted,
        source(3, "for i in range(9):\n    print(i)"),
    ),
    ("a magic asserts nothing", unchecked_outputs_are_asserted, source(4, "%timeit 1 + 1")),
    ("place in the source", names_no_place_on_a_machine, source(1, "open('/home/me/data.csv')")),
    (
        "place in the text",
        names_no_place_on_a_machine,
        source(5, "Your files are in /work, mine in /root."),
    ),
    (
        "place in a stream",
        names_no_place_on_a_machine,
        output(1, "stream", text="saved to /tmp/x.npz\n"),
    ),
    (
        "place in a result",
        names_no_place_on_a_machine,
        output(1, "display_data", {"text/plain": "PosixPath('/root/x')"}),
    ),
    (
        "place in a traceback",
        names_no_place_on_a_machine,
        output(1, **{**ERROR, "traceback": ["File /work/main/a.py:1"]}),
    ),
    (
        "place on Windows",
        names_no_place_on_a_machine,
        source(1, r"open('C:\\Users\\me\\data.csv')"),
    ),
    ("dead link", links_to_notebooks_resolve, source(5, "Next: [more](07_more.ipynb)")),
    (
        "dead link with an anchor",
        links_to_notebooks_resolve,
        source(5, "Next: [more](07_more.ipynb#end)"),
    ),
    (
        "dead link in HTML",
        links_to_notebooks_resolve,
        source(5, '<a href="07_more.ipynb">more</a>'),
    ),
    ("dead link to a folder up", links_to_notebooks_resolve, source(5, "[more](../other.ipynb)")),
    (
        "dead link to a heading",
        links_to_headings_resolve,
        source(5, "Next: [more](other.ipynb#other-part)"),
    ),
    ("dead link on the page", links_to_headings_resolve, source(5, "[above](#above)")),
    ("figure without words", figures_are_put_into_words, source(5, "What a figure!")),
    ("words not at once", figures_are_put_into_words, source(5, "What a figure!\n\n" + IN_WORDS)),
    (
        "few words",
        figures_are_put_into_words,
        source(5, IN_WORDS.replace("One dot more. " * 10, "A figure.")),
    ),
    (
        "words without end",
        figures_are_put_into_words,
        source(5, IN_WORDS.replace("</details>", "")),
    ),
    (
        "figure and nothing below",
        figures_are_put_into_words,
        lambda notebook: notebook.cells.__delitem__(slice(5, None)),
    ),
    ("figure and then code", figures_are_put_into_words, lambda notebook: notebook.cells.pop(5)),
    ("bare density", symbols_are_mathematics, source(6, "What you now know: p_g moves.")),
    ("bare star", symbols_are_mathematics, source(6, r"What you now know: D\* is best.")),
    ("bare Greek letter", symbols_are_mathematics, source(6, "What you now know: θ moves.")),
    ("bare player", symbols_are_mathematics, source(6, "What you now know: G moves.")),
    ("name used again", functions_keep_their_names, source(4, "F = 1\nassert F")),
    ("name imported again", functions_keep_their_names, source(4, "import math as F\nassert F")),
    (
        "lambda's name used again",
        functions_keep_their_names,
        source(3, "g = lambda: now"),
    ),
    (
        "unknown name",
        inline_definitions_are_the_librarys,
        tagged(2, "inline:gan_lib.losses.hinge_loss"),
    ),
    (
        "other name",
        inline_definitions_are_the_librarys,
        tagged(2, "inline:gan_lib.losses.minimax_generator_loss"),
    ),
    (
        "another notebook's widgets",
        shows_its_own_widgets,
        output(3, "display_data", {VIEW: {"model_id": "of another notebook"}}),
    ),
    ("wrong sign", inline_definitions_are_the_librarys, source(2, SWAPPED_LOSS)),
    ("sum for a mean", inline_definitions_are_the_librarys, source(2, SUMMED_LOSS)),
    ("no reduction", inline_definitions_are_the_librarys, source(2, VECTOR_LOSS)),
    ("nothing defined", inline_definitions_are_the_librarys, source(2, "loss = 1")),
]


@pytest.mark.parametrize(
    ("rule", "change"),
    [mistake[1:] for mistake in MISTAKES],
    ids=[mistake[0] for mistake in MISTAKES],
)
def test_each_mistake_is_found(rule, change, folder):
    notebook = good_notebook()
    change(notebook)
    assert len(rule(notebook, folder / "this.ipynb")) >= 1


def test_each_rule_is_broken_by_some_mistake():
    assert {rule for _, rule, _ in MISTAKES} == set(RULES)


def test_an_error_may_be_the_lesson(folder):
    notebook = good_notebook()
    output(1, **ERROR)(notebook), tagged(1, "raises-exception")(notebook)
    assert stores_no_errors(notebook, folder) == []


def test_an_inline_cell_may_use_an_earlier_one(folder):
    notebook = good_notebook()
    star = "def optimal_discriminator(p_data, p_g):\n    return p_data / (p_data + p_g)"
    cost = (
        "def cost(p_data, p_g, x):\n"
        "    d = optimal_discriminator(p_data, p_g)\n"
        "    return np.trapezoid(p_data * np.log(d) + p_g * np.log(1 - d), x)"
    )
    for name, text in (("optimal_discriminator", star), ("cost", cost)):
        notebook.cells.append(
            new_code_cell(text, metadata={"tags": [f"inline:gan_lib.game.{name}"]})
        )
    assert inline_definitions_are_the_librarys(notebook, folder) == []


@pytest.mark.parametrize("mistake", ["p_g / (p_data + p_g)", "p_data / p_g", "p_data", "0.5"])
def test_a_wrong_optimal_discriminator_is_found(mistake, folder):
    notebook, text = (
        good_notebook(),
        f"def optimal_discriminator(p_data, p_g):\n    return {mistake}",
    )
    notebook.cells.append(
        new_code_cell(text, metadata={"tags": ["inline:gan_lib.game.optimal_discriminator"]})
    )
    assert len(inline_definitions_are_the_librarys(notebook, folder)) == 1
