"""Debian's Chromium by way of Playwright, and what every page of ours must keep to: no line in the console, no request
elsewhere.

It is Chromium without the windows, menus and services of a browser, which nobody sees here: the same engine at a
quarter of the CPU seconds."""
import contextlib
import os
import shutil
import urllib.parse

from playwright.sync_api import sync_playwright

from harness import janitor

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
ZONE = "Europe/Lisbon"


def chromium():
    found = shutil.which("chromium-headless-shell")
    assert found, "no chromium-headless-shell: make setup installs it"
    return found


@contextlib.contextmanager
def browser():
    """Its profile and everything else that it writes is in the janitor's place."""
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(janitor.place())
    try:
        with sync_playwright() as playwright:
            # Chromium's sandbox wants a user of its own; a container's root has none.
            without_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
            started = playwright.chromium.launch(executable_path=chromium(), args=[*without_sandbox, "--disable-gpu"])
            yield started
            started.close()
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before


class Reader:
    """Somebody who looks at the page of `url`, and notes what a page of ours must not do."""

    def __init__(self, started, url, size=DESK, zone=ZONE, **options):
        self.url = url
        self.context = started.new_context(viewport=size, timezone_id=zone, locale="en-GB", **options)
        self.page = self.context.new_page()
        self.lines, self.elsewhere, self.asked = [], [], []
        self.page.on("console", lambda line: self.lines.append(f"{line.type}: {line.text}"))
        self.page.on("pageerror", lambda error: self.lines.append(f"thrown: {error}"))
        self.page.on("dialog", lambda dialog: (self.lines.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", self._note)

    def _note(self, request):
        self.asked.append(request.url)
        if urllib.parse.urlsplit(request.url).netloc != urllib.parse.urlsplit(self.url).netloc:
            self.elsewhere.append(request.url)

    def open(self, path="/"):
        self.page.goto(self.url + path)
        self.page.wait_for_selector("#truth")
        return self

    def wait(self, text, selector="body", timeout=10_000):
        """Until `text` stands in what `selector` finds."""
        self.page.wait_for_function(
            "([selector, text]) => [...document.querySelectorAll(selector)].some(e => e.innerText.includes(text))",
            arg=[selector, text], timeout=timeout)
        return self

    def gone(self, text, selector="body", timeout=10_000):
        self.page.wait_for_function(
            "([selector, text]) => ![...document.querySelectorAll(selector)].some(e => e.innerText.includes(text))",
            arg=[selector, text], timeout=timeout)
        return self

    def text(self, selector="main"):
        return " ".join(self.page.locator(selector).first.inner_text().split())

    def texts(self, selector):
        return [" ".join(text.split()) for text in self.page.locator(selector).all_inner_texts()]

    def visible(self, selector):
        """Whether it is seen without scrolling, whole."""
        box = self.page.locator(selector).first.bounding_box()
        size = self.page.viewport_size
        return (box is not None and box["y"] >= 0 and box["x"] >= 0 and
                box["y"] + box["height"] <= size["height"] and box["x"] + box["width"] <= size["width"])

    def sideways(self):
        """By how many pixels the page is wider than the screen."""
        return self.page.evaluate("document.documentElement.scrollWidth - innerWidth")

    def complaints(self):
        """Lines in the console and requests elsewhere, but for what Chromium itself notes of a refusal."""
        own = "error: Failed to load resource: "
        return [line for line in self.lines if not line.startswith(own)] + self.elsewhere

    def close(self):
        self.context.close()
