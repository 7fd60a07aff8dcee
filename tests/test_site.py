"""The site: it builds from the notebooks without a warning, every link in it leads somewhere,
and no page needs the network."""

import html
import json
import posixpath
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from gan_lib import triage

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
LOADED = {
    "script": "src",
    "link": "href",
    "img": "src",
    "source": "srcset",
    "iframe": "src",
    "video": "src",
    "audio": "src",
}
ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)
IN_STYLES = re.compile(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)", re.IGNORECASE)


class Page(HTMLParser):
    """What a page loads, where it links to, where one can link to in it, and its pictures'
    alternative texts."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.links, self.anchors, self.alternatives = [], [], {"", "top"}, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        self.anchors |= {attributes[name] for name in ("id", "name") if name in attributes}
        if LOADED.get(tag) in attributes:
            self.loads.append(attributes[LOADED[tag]])
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "img":
            self.alternatives.append(attributes.get("alt", ""))


def read(site):
    """{path in the site: Page} of all pages; what the theme keeps in _static is none."""
    paths = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    return {
        path.relative_to(site).as_posix(): Page(path.read_text(encoding="utf-8")) for path in paths
    }


def broken(site):
    """Links and loaded files that are not there, and anchors that no page has."""
    pages, complaints = read(site), []
    for name, page in pages.items():
        for address in page.loads + page.links:
            if ELSEWHERE.match(address) or re.match(r"(?:mailto|data|javascript):", address):
                continue
            path, _, anchor = unquote(address).partition("#")
            path = (
                posixpath.normpath(posixpath.join(posixpath.dirname(name), path.partition("?")[0]))
                if path
                else name
            )
            if not (site / path).is_file():
                complaints.append(f"{name}: {address} is not there")
            elif anchor and path in pages and anchor not in pages[path].anchors:
                complaints.append(f"{name}: {path} has no anchor {anchor}")
    return complaints


def from_the_network(site):
    """Scripts, styles, pictures, frames and fonts that a page would ask another server for."""
    complaints = [
        f"{name}: {load}"
        for name, page in read(site).items()
        for load in page.loads
        if ELSEWHERE.match(load)
    ]
    for path in site.rglob("*.css"):
        complaints += [
            f"{path.name}: {load}" for load in IN_STYLES.findall(path.read_text(encoding="utf-8"))
        ]
    return complaints


def test_every_link_leads_somewhere(site):
    assert broken(site) == []


def test_no_page_needs_the_network(site):
    assert from_the_network(site) == []
    assert (site / "_static/mathjax/MathJax.js").stat().st_size > 10_000
    assert list((site / "_static/mathjax/fonts").rglob("*.woff"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem[:2])
def test_a_page_shows_what_its_notebook_stores(site, path):
    """Every stored picture with the words that stand below it, a note for every widget, and a
    button that opens it."""
    text = (site / f"notebooks/{path.stem}.html").read_text(encoding="utf-8")
    page = Page(text)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    pictures = sum("image/png" in output.get("data", {}) for output in outputs)
    source = "\n".join("".join(cell["source"]) for cell in cells)
    words = re.findall(r"<summary>The figure in words</summary>\n(.*)\n", source)
    assert len(words) == pictures > 0
    assert [alternative for alternative in page.alternatives if alternative in words] == words
    hints = source.count("<details><summary>") - len(words)
    assert all(page.alternatives) and text.count("<details><summary>") == hints
    notes = [
        output
        for output in outputs
        if "<interactive: " in "".join(output.get("data", {}).get("text/plain", ""))
    ]
    labs = [output for output in notes if "the GAN lab" in "".join(output["data"]["text/plain"])]
    assert text.count('<div class="widget">') == len(notes) - len(labs)
    assert text.count('<div class="gan-lab"') == len(labs) and len(notes) > 0
    assert "&lt;interactive" not in text and "widget-view+json" not in text
    assert (
        f"https://mybinder.org/v2/gh/somebody/course/HEAD?urlpath=lab/tree/notebooks/{path.name}"
        in page.links
    )


def test_only_a_page_with_a_lab_loads_it_and_all_that_it_needs(site):
    """What it loads is there, down to what its modules import and fetch."""
    for name, page in read(site).items():
        scripts = [load for load in page.loads if "/lab/page.js" in load]
        text = (site / name).read_text(encoding="utf-8")
        assert len(scripts) == ('class="gan-lab"' in text), name
    folder = site / "_static/lab"
    sources = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.js")}
    needed = {name for text in sources.values() for name in re.findall(r'from "\./(.*)";', text)}
    needed |= set(re.findall(r'"(\w+\.json)"', sources["page.js"]))
    assert {"front.js", "engine.js", "settings.json", "pretrained.json"} <= needed
    assert all((folder / name).stat().st_size > 0 for name in needed)


def test_map_glossary_and_module_are_whole(site):
    pages = read(site)
    for path in LESSONS:
        assert f"notebooks/{path.stem}.html" in pages["index.html"].links
        if not path.stem.startswith("00"):
            assert f"notebooks/{path.stem}.html" in pages["glossary.html"].links
    for path in (ROOT / "gan_lib").glob("[!_]*"):
        if path.suffix == ".py" or (path / "__init__.py").exists():
            assert f"gan_lib.{path.stem}" in (site / f"api/{path.stem}.html").read_text(
                encoding="utf-8"
            )
    assert "gan_checks.entropy" in pages["api/checks.html"].anchors
    assert (site / "searchindex.js").exists()


def test_the_pages_of_gan_lib_say_what_one_has_to_know(site):
    """Each field of a settings class, the seed of each builder; no getters, no words of torch's."""
    texts = {
        path.stem: " ".join(re.sub("<[^>]*>", "", path.read_text(encoding="utf-8")).split())
        for path in (site / "api").glob("*.html")
    }
    whole = html.unescape(" ".join(texts.values()))
    assert "from this share of the run on, rates fall linearly to 0; a share of the run" in whole
    assert texts["models"].count("seed: int = 0") >= 20
    for unwanted in ("Alias for field number", "Define the computation", "<factory>", "t.Any"):
        assert unwanted not in whole


def test_every_term_of_the_glossary_has_its_chinese_one_or_a_dash():
    """The last of five columns; Chinese characters stand in elements that name their language."""
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \*\*.*\|$", text, flags=re.M)
    assert len(rows) > 100
    for row in rows:
        cells = row.strip("|").split(" | ")
        assert len(cells) == 5 and cells[4].strip(), row
        assert not re.search("[\u4e00-\u9fff]", re.sub('<span lang="zh">[^<]*</span>', "", row)), (
            row
        )


def test_the_clinic_has_a_page_that_says_what_its_data_say(site):
    pages = read(site)
    text = re.sub("<[^>]*>", "", (site / "clinic.html").read_text(encoding="utf-8"))
    text = html.unescape(text).replace("’", "'")
    for seen, causes in triage.SYMPTOMS:
        assert f"You see: {seen}" in text
        for cause in causes:
            said = (triage.QUESTIONS[cause.probe], cause.bug, cause.line)
            assert all(each in text for each in said), said
    assert any("clinic" in loaded for loaded in pages["clinic.html"].loads)
    assert "clinic.html" in pages["index.html"].links


def test_the_rules_find_what_is_wrong(tmp_path):
    (tmp_path / "good.html").write_text(
        '<h1 id="a">A</h1><a href="#a">A</a><a href="https://example.org/">B</a>', encoding="utf-8"
    )
    assert broken(tmp_path) == from_the_network(tmp_path) == []
    (tmp_path / "bad.html").write_text(
        '<a href="good.html#b">C</a><a href="gone.html">D</a><img src="gone.png">'
        '<script src="https://example.org/a.js"></script>'
        '<link rel="stylesheet" href="//example.org/a.css">',
        encoding="utf-8",
    )
    (tmp_path / "bad.css").write_text(
        "@font-face { src: url('https://example.org/a.woff'); }", encoding="utf-8"
    )
    assert len(broken(tmp_path)) == 3
    assert len(from_the_network(tmp_path)) == 3
