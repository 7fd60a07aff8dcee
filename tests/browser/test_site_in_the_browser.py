"""The site as its readers meet it: in a real browser that reaches nothing but the site, light
and dark, wide and narrow."""

import jupyterlab_page as lab
import pytest
from site_page import opened, visit

PAGES = [
    "index",
    "notebooks/05_optimal_discriminator",
    "notebooks/09_mnist_gan",
    "glossary",
    "instructors",
    "api/game",
]


@pytest.fixture
def page(browser, address):
    with opened(browser, address) as found:
        yield found


def shot(page, name):
    lab.keep(page, f"site-{name.replace('/', '-')}")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_without_a_network(page, address, name):
    visit(page, address, name)
    shot(page, name)
    assert page.complaints == []
    broken = """[...document.images]
        .filter(image => !image.naturalWidth || !image.alt.trim()).map(image => image.src)"""
    assert page.evaluate(broken) == []


def test_formulas_are_typeset_with_the_fonts_of_the_site(page, address):
    visit(page, address, "notebooks/05_optimal_discriminator")
    assert page.locator(".MathJax_Display").count() >= 5
    assert page.locator(".MathJax_Error, .MathJax_Preview:not(:empty):visible").count() == 0
    fonts = """[...document.fonts]
        .filter(font => font.status === 'loaded').map(font => font.family).join()"""
    assert "STIX" in page.evaluate(fonts)


def test_the_map_leads_to_every_lesson_and_a_lesson_to_binder(page, address):
    visit(page, address, "index")
    page.locator("table a", has_text="optimal discriminator").first.click()
    page.wait_for_url("**/05_optimal_discriminator.html")
    assert page.locator("h1").first.inner_text().startswith("Why is C")
    launch = page.locator("a.launch:visible").get_attribute("href")
    assert launch.endswith(
        "/somebody/course/HEAD?urlpath=lab/tree/notebooks/05_optimal_discriminator.ipynb"
    )


def test_the_search_finds_a_term(page, address):
    visit(page, address, "index")
    page.keyboard.press("Control+k")
    page.keyboard.type("Huffman")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a", timeout=30_000 * lab.SLOW)
    page.wait_for_timeout(1000)
    found = page.locator("#search-results li a").all_inner_texts()
    assert any("How many bits does a letter cost" in title for title in found), found
    assert f"found {len(found)} pages" in page.locator("#search-results").inner_text()
    assert page.complaints == []


@pytest.mark.parametrize("name", PAGES[:4])
def test_the_dark_theme_stays_readable(page, address, name):
    page.emulate_media(color_scheme="dark")
    visit(page, address, name)
    shot(page, f"{name}-dark")
    page.add_script_tag(content=lab.IN_PAGE)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    texts = page.evaluate(
        "course.contrasts('.bd-article :is(p, li, td, th, h1, h2, h3, a, pre span)')"
    )
    assert len(texts) > 20 and [text for text in texts if text["contrast"] < lab.CONTRAST] == []


@pytest.mark.parametrize("width", [390, 820])
@pytest.mark.parametrize("name", PAGES)
def test_a_narrow_window_never_scrolls_sideways(page, address, name, width):
    page.set_viewport_size({"width": width, "height": 1000})
    visit(page, address, name)
    shot(page, f"{name}-{width}")
    assert (
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 1
    )
