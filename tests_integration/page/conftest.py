"""The page in a real browser. Most tests look at answers that they choose themselves (stand_ins/page_api.py); those of
test_live.py at a monitor that counts."""
import pytest

from harness import browser as browsers
from stand_ins.page_api import PageApi


@pytest.fixture(scope="module")
def browser():
    with browsers.browser() as started:
        yield started


@pytest.fixture
def api():
    """What breaks openapi.yaml, on either side, fails the test."""
    with PageApi() as started:
        yield started
        assert started.broken == []


@pytest.fixture
def look(browser, api):
    """look(path) opens the page there; at the end nobody has written to the console or asked elsewhere."""
    readers = []

    def open_(path="/", **options):
        readers.append(browsers.Reader(browser, api.url, **options))
        return readers[-1].open(path)

    yield open_
    for reader in readers:
        reader.close()
        assert reader.complaints() == []
