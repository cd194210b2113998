"""Pages as a browser shows them: headless Chromium at phone and desktop width.

Skipped, saying so, where Debian's chromium and chromium-driver are not installed.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from payloads import MARKUP, UNSEEN
from run_folder import write_run_folder
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from shell import Shell

from graphscan.report import render
from graphscan.report.shown import bits
from graphscan.results import Scan

DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    DRIVER is None, reason="chromium and chromium-driver are not installed: the pages were not opened"
)

DESKTOP, PHONE = (1280, 800), (390, 844)


@pytest.fixture(scope="module")
def browser() -> Iterator[WebDriver]:
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sizes = {"ring-0001": 280, "ring-0002": 8, "ring-0003": 14_000}
    return render(write_run_folder(tmp_path_factory.mktemp("seen") / "run", sizes)).parent


def show(browser: WebDriver, page: Path, size: tuple[int, int] = DESKTOP) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size is PHONE},
    )
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(page.as_uri())


def column(browser: WebDriver, n: int) -> list[str]:
    rows = browser.find_elements(By.CSS_SELECTOR, "#members-table tbody tr")
    return [row.find_elements(By.TAG_NAME, "td")[n].text for row in rows]


@pytest.mark.parametrize("page", ["index.html", "ring-0001.html", "ring-0003.html"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_pages_load_nothing_and_the_console_stays_empty(
    browser: WebDriver, report: Path, page: str, size: tuple[int, int]
) -> None:
    show(browser, report / page, size)
    asked = [
        message["params"]["request"]["url"]
        for entry in browser.get_log("performance")
        if (message := json.loads(entry["message"])["message"])["method"] == "Network.requestWillBeSent"
    ]
    assert asked == [(report / page).as_uri()]
    assert browser.get_log("browser") == []
    assert browser.execute_script(
        "return document.scrollingElement.scrollWidth <= document.documentElement.clientWidth"
    )


@pytest.mark.parametrize(("size", "selectors"), [(DESKTOP, "#scale .arithmetic"), (PHONE, ".badge")])
def test_the_first_screen_holds_what_decides(
    browser: WebDriver, report: Path, sample_scan: Scan, size: tuple[int, int], selectors: str
) -> None:
    """All of it, down to the last reason, also of a ring that was found and has many."""
    reasons = sample_scan.rings.sort(pl.col("triage_reasons").list.join("").str.len_chars())
    found = sample_scan.path / "report" / f"{reasons['ring_id'][-1]}.html"
    for page in (report / "ring-0001.html", found):
        show(browser, page, size)
        for selector in (
            ".kicker bdi",
            "h1",
            "#likelihood",
            "#confidence",
            "#triage > ul",
            *selectors.split(),
        ):
            element = browser.find_element(By.CSS_SELECTOR, selector)
            assert element.is_displayed() and element.text
            assert element.rect["y"] + element.rect["height"] <= size[1], selector
    assert len(browser.find_elements(By.CSS_SELECTOR, "#triage > ul > li")) >= 4


def test_paper_has_the_colours_of_paper_whatever_the_screen(browser: WebDriver, report: Path) -> None:
    show(browser, report / "ring-0001.html")
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    try:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})
        colour = "return getComputedStyle(document.querySelector(arguments[0])).color"
        assert browser.execute_script(colour, ".badge") == "rgb(164, 54, 15)"
        assert browser.execute_script(colour, "h1") == "rgb(0, 0, 0)"
        assert not browser.find_element(By.ID, "search").is_displayed()
        assert browser.find_element(By.ID, "page").text == "Page 1 of 3"
        pdf = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
        assert base64.b64decode(pdf).startswith(b"%PDF-")
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_members_are_searched_and_sorted_from_the_keyboard(browser: WebDriver, report: Path) -> None:
    show(browser, report / "ring-0001.html")
    assert len(column(browser, 0)) == 100
    search = browser.find_element(By.ID, "search")
    search.send_keys("ACCT-1-0001")
    assert sorted(column(browser, 0)) == [f"acct-1-0001{i}" for i in range(10)]
    assert browser.find_element(By.ID, "shown").text == "10 of 280 members"
    search.send_keys(Keys.CONTROL, "a", Keys.DELETE)
    requests = browser.find_element(By.CSS_SELECTOR, 'th[data-key="requests"] button')
    requests.send_keys(Keys.ENTER)
    shown = [int(n) for n in column(browser, 3)]
    assert shown == sorted(shown, reverse=True)
    requests.send_keys(Keys.SPACE)
    shown = [int(n) for n in column(browser, 3)]
    assert shown == sorted(shown)
    head = browser.find_element(By.CSS_SELECTOR, 'th[data-key="requests"]')
    assert head.get_attribute("aria-sort") == "ascending"
    browser.find_element(By.CSS_SELECTOR, '#tier option[value="l"]').click()
    assert set(column(browser, 1)) == {"linked"}


def test_pages_of_members_are_turned(browser: WebDriver, report: Path) -> None:
    show(browser, report / "ring-0001.html")
    seen = set(column(browser, 0))
    for _ in range(2):
        browser.find_element(By.ID, "next").send_keys(Keys.ENTER)
        seen |= set(column(browser, 0))
    assert len(seen) == 280
    assert not browser.find_element(By.ID, "next").is_enabled()


def test_14000_members_open_in_three_seconds(browser: WebDriver, report: Path) -> None:
    show(browser, report / "ring-0003.html")
    took = browser.execute_script(
        "const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd - t.startTime"
    )
    assert 0 < took < 3_000
    assert browser.find_element(By.ID, "shown").text == "14,000 of 14,000 members"
    browser.find_element(By.ID, "search").send_keys("13999")
    assert column(browser, 0) == ["acct-3-13999"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("ring_id", ["ring-0001", "ring-0002", "ring-0003"])
def test_the_picture_is_legible(
    browser: WebDriver, report: Path, ring_id: str, size: tuple[int, int]
) -> None:
    """280, 8 and 14,000 accounts: names are large enough to be read, and a large ring's picture is seen whole."""
    show(browser, report / f"{ring_id}.html", size)
    picture = browser.find_element(By.CSS_SELECTOR, "svg.picture")
    texts = picture.find_elements(By.TAG_NAME, "text")
    assert 1 <= len(texts) <= 24 and min(t.rect["height"] for t in texts) >= 7
    if ring_id != "ring-0002":
        assert picture.rect["width"] <= size[0] and min(t.rect["height"] for t in texts) >= 9
    assert 1 <= len(picture.find_elements(By.TAG_NAME, "circle")) <= 220


def test_what_was_made_after_a_run_is_seen_on_its_pages(
    browser: WebDriver, shell: Shell, sample_scan: Scan, tmp_path: Path
) -> None:
    """The null and a decision, as the commands leave them."""
    run, file, pages = (
        shutil.copytree(sample_scan.path, tmp_path / "run"),
        tmp_path / "d.jsonl",
        tmp_path / "p",
    )
    best = shell.json("null", run, "--permutations", 2)["best_bits"]
    shell.json("decide", "ring-0001", "confirm", "--run", run, "--reason", "read ten", "--decisions", file)
    shell.json("report", run, "--decisions", file, "--out", pages)
    show(browser, pages / "index.html")
    null = browser.find_element(By.ID, "null")
    most = [b for b in best if b is not None]
    told = f"reached {bits(max(most))} bits" if most else "No set was found"
    assert "laid anew in each family 2 times" in null.text and told in null.text
    assert len(null.find_elements(By.CSS_SELECTOR, "tbody tr")) == 10
    decided = browser.find_elements(By.CSS_SELECTOR, "#rings .decided")
    assert [d.text.split(" by ")[0] for d in decided] == ["confirm ring-0001"]
    show(browser, pages / "ring-0001.html", PHONE)
    decided = browser.find_elements(By.CSS_SELECTOR, "#triage .decided")
    assert decided[0].is_displayed() and decided[0].text.endswith(": read ten")


def test_hostile_text_does_nothing_in_a_browser(browser: WebDriver, tmp_path: Path) -> None:
    payload = " ".join((*MARKUP, *UNSEEN))
    run = write_run_folder(tmp_path / "run", {"ring-0001": 8}, word=lambda text: text + payload)
    for page in sorted(render(run).parent.iterdir()):
        show(browser, page)
        assert browser.get_log("browser") == []  # no alert, no violated policy, no failed load
        assert browser.execute_script("return document.scripts.length") == (2 if "ring" in page.name else 1)
    browser.find_element(By.ID, "search").send_keys("<script>alert(1)")
    assert len(column(browser, 0)) == 8


def test_links_lead_from_the_run_to_a_ring_and_back(browser: WebDriver, report: Path) -> None:
    show(browser, report / "index.html")
    browser.find_element(By.LINK_TEXT, "ring-0002").click()
    assert "8 accounts sharing" in browser.find_element(By.TAG_NAME, "h1").text
    browser.find_element(By.LINK_TEXT, "All rings of this run").click()
    assert "3 rings" in browser.find_element(By.TAG_NAME, "h1").text


def test_tab_reaches_the_skip_link_first(browser: WebDriver, report: Path) -> None:
    show(browser, report / "ring-0001.html")
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    active = browser.switch_to.active_element
    assert active.text == "Skip to the content"
    assert active.rect["x"] >= 0
