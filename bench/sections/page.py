"""From an address to what it shows, view by view, in Chromium: a ledger of 1,000 pipelines and 100,000 runs.

Each look is a browser's first: nothing is kept from the one before. `until shown` is when the view's own part of the
page comes into the document with its title, by the browser's clock; `from the API` counts what was answered by then.
"""
from harness import janitor
from harness.browser import DESK, PHONE, Reader, browser
from report import Row, median
from sections.api import Sizes, filled, mage

VIEWS = {"Now": "/", "Pipelines": "/pipelines", "a pipeline": "/pipelines/etl:pipeline_7", "a run": "/runs/etl:17", "Pipe": "/pipe"}
NOTE = """
new MutationObserver((_, observer) => {
  if (!document.querySelector("main h1")) return;
  observer.disconnect();
  const answered = performance.getEntriesByType("resource").filter((one) => one.name.includes("/api/"));
  window.noted = [performance.now(), answered.length];
}).observe(document, { childList: true, subtree: true });
"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def look(started, url, path, size):
    reader = Reader(started, url, size=size)
    reader.page.add_init_script(NOTE)
    reader.page.goto(url + path, wait_until="commit")
    shown, answered = reader.page.wait_for_function("() => window.noted").json_value()
    painted = reader.page.wait_for_function(PAINTED).json_value()
    reader.close()
    return shown, painted, answered


def run(options):
    sizes = Sizes(options.smoke)
    rows = []
    with mage(sizes) as source, janitor.folder("page-") as folder, browser() as started:
        monitor = filled(source, source.programs, f"sqlite:{folder}/ledger", sizes)
        for screen, size in (("phone", PHONE), ("desk", DESK)):
            for view, path in VIEWS.items():
                looks = [look(started, monitor.url, path, size) for _ in range(2 if options.smoke else 11)]
                shown, painted, answered = zip(*looks)
                rows.append(Row("page", f"{view}, {screen}", {
                    "ms until shown": median(shown), "slowest": max(shown), "ms to first paint": median(painted),
                    "from the API": max(answered)}))
    return rows
