"""The documentation page in a real browser, in front of the running reference system."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="the browser test needs selenium")
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions as when
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
ROOT = Path(__file__).parents[3]
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1300,1700"
)
PATIENCE = 30  # seconds

pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"),
    pytest.mark.skipif(not (ROOT / "backends").is_dir(), reason="the reference services are not here"),
]


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    """The base URL of a running `gateway demo`."""
    command = [sys.executable, "-m", "gateway", "demo", "--ephemeral"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            page = next((m for line in process.stdout if (m := re.search(r"(http://\S+)/docs", line))), None)
            assert page is not None, "the demo did not start"
            yield page[1]
        finally:
            process.terminate()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS.split(), f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


def wait(browser: webdriver.Chrome, condition: Callable[[Any], Any]) -> Any:
    return WebDriverWait(browser, PATIENCE).until(condition)


def click(browser: webdriver.Chrome, selector: str) -> WebElement:
    """Click what `selector` finds as soon as it can be clicked."""
    element: WebElement = wait(browser, when.element_to_be_clickable((By.CSS_SELECTOR, selector)))
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()
    return element


def text(browser: webdriver.Chrome, selector: str) -> str:
    """The text of what `selector` finds as soon as it is there."""
    found: WebElement = wait(browser, when.visibility_of_element_located((By.CSS_SELECTOR, selector)))
    return found.text


def keep_screenshot(browser: webdriver.Chrome, name: str) -> None:
    """For a person to look at, where SCREENSHOTS says so."""
    if "SCREENSHOTS" in os.environ:
        browser.save_screenshot(str(Path(os.environ["SCREENSHOTS"]) / f"{name}.png"))


def authorize(browser: webdriver.Chrome) -> None:
    """Get a token by client credentials with all scopes that the page offers."""
    click(browser, ".scheme-container .authorize")
    wait(browser, when.visibility_of_element_located((By.ID, "client_id_clientCredentials"))).send_keys("demo")
    browser.find_element(By.ID, "client_secret_clientCredentials").send_keys("demo-secret")
    click(browser, ".modal-ux .scopes h2 a")  # select all
    keep_screenshot(browser, "authorize")
    click(browser, ".modal-ux .auth-container:has(#client_id_clientCredentials) .btn.authorize")
    wait(browser, when.text_to_be_present_in_element((By.CSS_SELECTOR, ".modal-ux"), "Authorized"))
    keep_screenshot(browser, "authorized")
    click(browser, ".modal-ux .close-modal")


def call(browser: webdriver.Chrome, operation: str) -> tuple[str, str]:
    """Try an operation out; status and body as the page shows them."""
    click(browser, f"#{operation} .opblock-summary-control")
    click(browser, f"#{operation} .try-out__btn")
    click(browser, f"#{operation} .execute")
    status = text(browser, f"#{operation} .live-responses-table .response .response-col_status")
    body = text(browser, f"#{operation} .live-responses-table .response .highlight-code")
    return status.split()[0], body


def log(browser: webdriver.Chrome, name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = browser.get_log(name)  # type: ignore[no-untyped-call]
    return entries


def complaints(browser: webdriver.Chrome) -> list[str]:
    """What the browser's console holds: errors, violations of the content security policy."""
    return [entry["message"] for entry in log(browser, "browser") if entry["level"] == "SEVERE"]


def asked(browser: webdriver.Chrome) -> set[str]:
    """The origins of everything that was asked for, but for the browser's own pages."""
    messages = [json.loads(entry["message"])["message"] for entry in log(browser, "performance")]
    urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    return {"/".join(url.split("/", 3)[:3]) for url in urls if not url.startswith(("data:", "chrome:"))}


def test_authorize_and_try_it_out(demo: str, browser: webdriver.Chrome) -> None:
    """A reader of /docs gets a token, calls an operation and sees its answer; nothing comes from elsewhere."""
    browser.get(f"{demo}/docs")
    assert text(browser, ".info .title").startswith("All APIs")
    keep_screenshot(browser, "docs")
    authorize(browser)
    status, body = call(browser, "operations-users-listUsers")
    keep_screenshot(browser, "tried")
    assert status == "200"
    assert "ada@example.com" in body
    assert complaints(browser) == []
    assert asked(browser) == {demo}


def test_a_call_without_token_shows_the_problem(demo: str, browser: webdriver.Chrome) -> None:
    """Without "Authorize" the same call is 401, and the page shows the problem document."""
    browser.get(f"{demo}/docs/dataservice")
    status, body = call(browser, "operations-users-listUsers")
    assert status == "401"
    assert '"Authentication needed"' in body
