"""A monitor's page and API without the monitor: the page as it is compiled in, and answers that a test chooses. It keeps
the rules of openapi.yaml: a parameter that is not known is refused, and an answer that breaks its schema fails the
test that gave it."""
import importlib.util
import json
import pathlib
import re
import urllib.parse

from harness import openapi
from stand_ins.http_stand_in import HttpStandIn

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests/monitor/api/samples"
WEB = ROOT / "monitor/web"


def bundled():
    """{path: text}, as bundle.py makes it for the program."""
    spec = importlib.util.spec_from_file_location("bundle", WEB / "bundle.py")
    bundle = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bundle)
    return bundle.bundle(WEB / "assets"), bundle.TYPES


def content_policy():
    """As assets.cpp sends it: a test that the policy breaks must break here too."""
    text = (WEB / "assets.cpp").read_text()
    literals = re.search(r'"Content-Security-Policy",\s*((?:"[^"]*"\s*)+)', text)[1]
    return "".join(re.findall(r'"([^"]*)"', literals))


def sample(name):
    [path] = SAMPLES.glob(f"{name}.*.json")
    return json.loads(path.read_text())


def refusal(status, name, detail="as the test wants it", **more):
    """A problem of RFC 9457 with its status, as `answers` takes it."""
    return status, {"type": f"/docs#{name}", "title": name, "status": status, "detail": detail, **more}


def operation(method, path):
    """What openapi.yaml has for it; null where it has nothing."""
    found = sorted((pair for pair in openapi.operation_of(path, method) if pair), key=lambda pair: "{" in pair[0])
    return found[0][1] if found else None


def unknown_parameters(asked, query):
    found = [each if "$ref" not in each else openapi.DOCUMENT["components"]["parameters"][each["$ref"].rsplit("/", 1)[1]]
             for each in asked.get("parameters", [])]
    names = {each["name"] for each in found}
    return [name for name, _ in query if name not in names and not (name.startswith("label.") and "labels" in names)]


class PageApi(HttpStandIn):
    """`answers` maps a path below /api/v1 (without its query) to data, to (status, data), or to a function of the query
    that gives either. `asked` holds every request for the API, `broken` what broke a rule."""

    def __init__(self, answers=None):
        self.files, self.types = bundled()
        self.policy = content_policy()
        self.answers = {
            "/overview": sample("overview"), "/problems": sample("problems"), "/pipelines": sample("pipelines"),
            "/pipelines/mage:daily_sales": sample("pipeline"), "/runs": sample("runs"), "/runs/mage:812": sample("run"),
            "/sources": sample("sources"), "/rules": sample("rules"), **(answers or {})}
        self.asked, self.broken = [], []
        super().__init__()

    def answer(self, method, path, headers, body):
        parts = urllib.parse.urlsplit(path)
        if parts.path == "/openapi.json":
            return self.json(200, openapi.DOCUMENT)
        if parts.path.startswith("/api/v1"):
            return self.api(method, parts, body)
        where = parts.path if parts.path in self.files else "/"
        if where == "/" and not re.fullmatch(r"/|/pipelines(/.+)?|/runs/.+|/pipe|/docs", parts.path):
            return 404, {}, b"no such page\n"
        return 200, {"Content-Type": self.types[pathlib.Path(where).suffix or ".html"],
                     "Content-Security-Policy": self.policy}, self.files[where].encode()

    def api(self, method, parts, body):
        path = parts.path.removeprefix("/api/v1")
        # As query.h has it: a plus is a plus.
        query = urllib.parse.parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True)
        self.asked.append((method, urllib.parse.unquote(path), dict(query), json.loads(body) if body else None))
        asked = operation(method.lower(), path)
        if asked is None:
            self.broken.append(f"{method} {path} is not in openapi.yaml")
            return self.json(*refusal(404, "not-found"))
        if unknown := unknown_parameters(asked, query):
            self.broken.append(f"{path} was asked for {unknown}")
            return self.json(*refusal(400, "unknown-parameter", f"there is no parameter {unknown[0]}"))
        given = self.answers.get(urllib.parse.unquote(path))
        if callable(given):
            given = given(dict(query))
        if given is None:
            given = refusal(404, "not-found", f"there is no {urllib.parse.unquote(path)}")
        answer = self.json(*(given if isinstance(given, tuple) else (200, given)))
        if answer[0] not in (202, 204):
            self.broken += openapi.faults(path, answer[0], answer[1]["Content-Type"], answer[2], method.lower())
        return answer

    def json(self, status, data):
        kind = "application/json" if status < 400 else "application/problem+json"
        busy = {"Retry-After": "1"} if status >= 400 and data["type"] in ("/docs#busy", "/docs#too-many") else {}
        return status, {"Content-Type": kind, "Cache-Control": "private, max-age=1", **busy}, (b"" if data is None else json.dumps(data).encode())
