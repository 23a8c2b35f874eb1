"""The web interface of CUPS with our backend, filters and descriptions, in a real browser.

Chromium without a window, driven through chromedriver by Selenium, which tests/run --soak installs; each page that
matters is kept as a picture (see the fixture "pictures"). Selectors are names of form fields of CUPS's own templates,
which have been the same for many versions.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.discovery import found_text
from tests.cups.recorded import control, make_printer
from tests.cups.server import PCL5E, CupsServer, wait_until, why_not
from tests.printer import Printer, make_certificate

pytestmark = pytest.mark.soak

OLD, NEW = (make_certificate("localhost") for _ in range(2))
DESCRIPTION = "Generic PCL 5e Printer (ipps443)"

#: Chromium as root, quiet: it asks nobody outside for anything.
CHROMIUM = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
    "--window-size=1100,1400",
)


class Browser:
    """A browser on the web interface of one cupsd."""

    def __init__(self, driver: Any, server: CupsServer, pictures: Path) -> None:
        self.driver = driver
        self._root = f"http://localhost:{server.port}"
        self._pictures = pictures

    def open(self, path: str) -> None:
        """Go to a page."""
        self.driver.get(self._root + path)

    @property
    def text(self) -> str:
        """The words on the page, "" while there is none."""
        from selenium.common.exceptions import WebDriverException

        try:
            return str(self.driver.find_element("tag name", "body").text)
        except WebDriverException:
            return ""

    def wait_for(self, words: str, seconds: float = 30) -> None:
        """Wait until words stand on the page."""
        wait_until(lambda: words in self.text, seconds, f"{words!r} on the page, which says: {self.text[:2000]}")

    def reload_until(self, words: str, seconds: float = 30) -> None:
        """Load the page again until words stand on it."""

        def look() -> bool:
            self.driver.refresh()
            return words in self.text

        wait_until(look, seconds, f"{words!r} on the page")

    def find(self, selector: str) -> Any:
        """Return an element by CSS selector, as soon as it is there."""
        return wait_until(lambda: self.driver.find_elements("css selector", selector), 30, selector)[0]

    def press(self, label: str) -> None:
        """Press the button of this name."""
        self.find(f"input[type=submit][value='{label}']").click()

    def choose(self, name: str, value: str, form: str = "form") -> None:
        """Choose a value in the list of this name."""
        from selenium.webdriver.support.ui import Select

        Select(self.find(f"{form} select[name='{name}']")).select_by_value(value)

    def choose_text(self, name: str, begins: str) -> None:
        """Choose the entry of a list that begins with these words."""
        from selenium.webdriver.support.ui import Select

        chooser = Select(self.find(f"select[name='{name}']"))
        (label,) = [option.text for option in chooser.options if option.text.startswith(begins)]
        chooser.select_by_visible_text(label)

    def picture(self, name: str) -> None:
        """Keep the page as a picture."""
        assert self.driver.save_screenshot(str(self._pictures / f"{name}.png"))


def missing() -> str:
    """Return what is not installed here, or an empty string."""
    programs = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    if programs:
        return f"{', '.join(programs)} missing: install chromium and chromium-driver"
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium missing: install python3-selenium"
    return ""


@pytest.fixture(scope="module")
def server() -> Iterator[CupsServer]:
    """A cupsd with its web interface."""
    reason = why_not() or missing()
    if reason:
        pytest.skip(reason)
    with CupsServer(web_interface=True) as server:
        yield server


@pytest.fixture(scope="module")
def driver(server: CupsServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser for all tests."""
    from selenium.webdriver import Chrome
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = str(shutil.which("chromium"))
    for argument in (*CHROMIUM, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(argument)
    driver = Chrome(service=Service(str(shutil.which("chromedriver"))), options=options)
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()


@pytest.fixture
def browser(driver: Any, server: CupsServer, pictures: Path) -> Browser:
    return Browser(driver, server, pictures)


@pytest.fixture
def printer(server: CupsServer) -> Iterator[Printer]:
    """A pinned printer."""
    with Printer(certificate=OLD) as printer:
        pin = f"localhost:{printer.port} spki-sha256:{OLD.spki_sha256.hex()}"
        server.write_pins(f'{pin} label="Front desk" model="Scripted Printer"\n')
        yield printer


@pytest.fixture
def queue(server: CupsServer, printer: Printer) -> Iterator[str]:
    """A queue for the printer."""
    name = f"web{printer.port}"
    server.add_queue(name, printer.uri(), PCL5E)
    yield name
    server.run("cancel", "-a", "-x", name, check=False)
    server.run("lpadmin", "-x", name)


def name_and_describe(browser: Browser, name: str, pictures: str = "") -> None:
    """Fill in the pages after the one with the device: name, make, description."""
    field = browser.find("input[name=PRINTER_NAME]")
    field.clear()
    field.send_keys(name)
    if pictures:
        browser.picture(f"{pictures}-2-name")
    browser.press("Continue")
    browser.choose("PPD_MAKE", "Generic")
    browser.press("Continue")
    browser.choose_text("PPD_NAME", DESCRIPTION)
    if pictures:
        browser.picture(f"{pictures}-3-description")
    browser.press("Add Printer")
    browser.wait_for(name)


def test_add_a_printer_with_a_description_of_its_own(
    server: CupsServer, browser: Browser, request: pytest.FixtureRequest
) -> None:
    """A pinned printer stands among the models; its tray and staple set as defaults reach it with the next text."""
    request.addfinalizer(lambda: server.run("lpadmin", "-x", "finisher", check=False))
    with make_printer("Composite-Office-Finisher") as printer:
        pin = f"localhost:{printer.port} spki-sha256:{printer.certificate.spki_sha256.hex()}"
        server.write_pins(f'{pin} label="Copy room" model="Acme Finisher"\n')
        browser.open("/admin")
        browser.press("Add Printer")
        browser.wait_for("Copy room", 60)
        browser.find(f"input[name=DEVICE_URI][value^='ipps443://localhost:{printer.port}']").click()
        browser.press("Continue")
        field = browser.find("input[name=PRINTER_NAME]")
        field.clear()
        field.send_keys("finisher")
        browser.press("Continue")
        if not browser.driver.find_elements("css selector", "select[name=PPD_NAME]"):
            browser.choose("PPD_MAKE", "Acme")
            browser.press("Continue")
        browser.choose_text("PPD_NAME", "Acme Finisher at Copy room (ipps443, from the printer)")
        browser.picture("made-1-model")
        browser.press("Add Printer")
        wait_until(lambda: "finisher" in server.run("lpstat", "-e", check=False).stdout, 60, "queue")
        open_options(browser, "finisher")
        assert "Large capacity tray" in browser.find("select[name=InputSlot]").text
        browser.choose("InputSlot", "tray-3")
        browser.choose("StaplePosition", "staple-top-left")
        browser.picture("made-2-options")
        set_options(browser)
        description = (server.etc / "ppd" / "finisher.ppd").read_text()
        assert "*DefaultInputSlot: tray-3" in description and "*DefaultStaplePosition: staple-top-left" in description
        assert server.wait(server.lp("finisher", text="hello\n")) == "completed"
        (job,) = printer.printed
        sent = {each.name: each.value for each in job.template}
        (source,) = [each.value for each in sent["media-col"].attributes if each.name == "media-source"]
        assert (source, sent["finishings"]) == ("tray-3", 20)
        browser.open("/printers/finisher?which_jobs=completed")
        browser.wait_for("completed at")
        browser.picture("made-3-printed")


def print_test_page(server: CupsServer, browser: Browser, printer: Printer, name: str) -> None:
    """Have CUPS's test page printed from the page of a queue."""
    browser.open(f"/printers/{name}")
    browser.wait_for(DESCRIPTION)
    assert f"ipps443://localhost:{printer.port}" in browser.text and "Idle" in browser.text
    browser.picture(f"{name}-4-queue")
    browser.choose("OP", "print-test-page")
    browser.wait_for("Test page sent")
    assert server.wait(server.newest_job(name)) == "completed"
    assert len(printer.printed) == 1 and printer.printed[0].document.endswith(b"\x1b%-12345X")
    browser.open(f"/printers/{name}?which_jobs=completed")
    browser.wait_for("completed at")
    browser.picture(f"{name}-5-printed")


def test_add_a_printer(server: CupsServer, browser: Browser, printer: Printer) -> None:
    """A pinned printer is chosen from the list, gets a name and our description, and prints the test page."""
    browser.open("/admin")
    browser.press("Add Printer")
    browser.wait_for("Front desk", 60)
    assert "IPP over TLS on port 443 (ipps443" in browser.text
    browser.picture("front-desk-1-devices")
    browser.find(f"input[name=DEVICE_URI][value^='ipps443://localhost:{printer.port}']").click()
    browser.press("Continue")
    name_and_describe(browser, "front-desk", "front-desk")
    wait_until(lambda: "front-desk" in server.run("lpstat", "-e", check=False).stdout, 20, "queue")
    print_test_page(server, browser, printer, "front-desk")
    server.run("lpadmin", "-x", "front-desk")


def test_found_printers_are_not_pinned(server: CupsServer, browser: Browser, printer: Printer) -> None:
    """Switched on, a printer that announces itself stands in the list, with its words as words, and gets nothing."""
    path, conf = server.root / "cache" / "ipps443" / "found", server.root / "etc" / "ipps443" / "ipps443.conf"
    uri, stranger = f"ipps443://127.0.0.1:{printer.port}", "Hall <b>x</b> <script>document.title='owned'</script>"
    path.write_text(found_text([(uri, "Make 7", stranger)], time.time()))
    path.chmod(0o644)
    conf.write_text("found-in-device-list = on\n")
    conf.chmod(0o644)
    try:
        browser.open("/admin")
        browser.press("Add Printer")
        browser.wait_for(f"not pinned: {stranger}", 60)
        assert browser.driver.title != "owned"
        browser.picture("found-1-devices")
        browser.find(f"input[name=DEVICE_URI][value^='{uri}']").click()
        browser.press("Continue")
        name_and_describe(browser, "found", "found")
    finally:
        conf.unlink()
        path.unlink()
    wait_until(lambda: "found" in server.run("lpstat", "-e", check=False).stdout, 20, "queue")
    server.lp("found", text="hello\n")
    assert "cups-pki-unknown" in str(server.wait_for_queue("found", ("stopped",)))
    assert printer.requests == []
    server.run("cancel", "-a", "-x", "found")
    server.run("lpadmin", "-x", "found")


def open_options(browser: Browser, queue: str) -> None:
    """Go to "Set Default Options" of a queue."""
    browser.open(f"/printers/{queue}")
    browser.choose("OP", "set-printer-options", "form[name=administration]")
    browser.wait_for(f"Set Default Options for {queue}")


def set_options(browser: Browser) -> None:
    """Press the button of the group that is shown."""
    buttons = browser.driver.find_elements("css selector", "input[type=submit][value='Set Default Options']")
    next(button for button in buttons if button.is_displayed()).click()
    browser.wait_for("default options have been set")


def test_changed_certificate(server: CupsServer, browser: Browser, printer: Printer, queue: str) -> None:
    """After the certificate changed the page says so and what to run; after pin --replace the job goes on by itself."""
    printer.certificate = NEW
    received = printer.http_bytes
    job = server.lp(queue, text="hello\n")
    server.wait_for_queue(queue, ("stopped",))
    browser.open(f"/printers/{queue}")
    browser.reload_until("ipps443ctl pin")
    assert "Paused" in browser.text and NEW.cert_sha256.hex() in browser.text
    browser.picture("changed")
    right = "return arguments[0].getBoundingClientRect().right - window.innerWidth"
    message = browser.find("td em")
    assert "ipps443ctl pin" in message.text
    assert browser.driver.execute_script(right, message) <= 0, "the message runs off the page"
    assert printer.http_bytes == received
    done = control(server, "pin", f"localhost:{printer.port}", "--replace", "--yes")
    assert done.returncode == 0 and queue in done.stdout, done.stderr
    assert server.wait(job) == "completed"
    browser.open(f"/printers/{queue}")
    browser.reload_until("Idle")
    assert "ipps443ctl pin" not in browser.text
    browser.picture("resumed")
    assert len(printer.printed) == 1
