"""What monitor/api/openapi.yaml says of an answer, and a client that holds every answer against it."""
import json
import pathlib
import re
import urllib.error
import urllib.parse
import urllib.request

import jsonschema
import yaml
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DOCUMENT = yaml.safe_load((ROOT / "monitor/api/openapi.yaml").read_text())
REGISTRY = Registry().with_resource("urn:openapi", Resource.from_contents(DOCUMENT, DRAFT202012))
BASE = "/api/v1"


def validator(pointer):
    return jsonschema.Draft202012Validator({"$ref": f"urn:openapi#{pointer}"}, registry=REGISTRY,
                                           format_checker=jsonschema.FormatChecker())


def operation_of(path, method="get"):
    """The template of a path, and its operation."""
    for template, operations in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and "{" not in path:
            if template == path or "{" in template:
                yield template, operations[method]


def faults(path, status, content_type, body, method="get"):
    """What of an answer is not as the document has it."""
    found = sorted(operation_of(path, method), key=lambda each: "{" in each[0])
    if not found:
        return [f"{path} is not in the document"]
    template, operation = found[0]
    if str(status) not in operation["responses"]:
        return [f"{path}: {status} is not in the document: {body[:200]}"]
    answer = operation["responses"][str(status)]
    if "$ref" in answer:
        pointer = answer["$ref"][1:]
        answer = DOCUMENT
        for part in pointer.strip("/").split("/"):
            answer = answer[part]
    media = content_type.split(";")[0]
    if "content" not in answer:
        return []
    if media not in answer.get("content", {}):
        return [f"{path}: {status} as {media} is not in the document"]
    schema = answer["content"][media]["schema"]
    if "$ref" not in schema or media.startswith("text/"):
        return []
    errors = validator(schema["$ref"][1:]).iter_errors(json.loads(body))
    return [f"{path}: {list(error.path)}: {error.message[:300]}" for error in errors]


class Api:
    """Asks a running monitor; every answer is as the document has it."""

    def __init__(self, url):
        self.url = url

    def ask(self, path, method="GET", headers=None, **query):
        """(status, headers, text)"""
        target = f"{self.url}{BASE}{path}"
        if query:
            target += "?" + urllib.parse.urlencode(query)
        request = urllib.request.Request(target, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                status, told, text = answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, told, text = error.code, error.headers, error.read().decode()
        if method == "GET" and status != 304:
            wrong = faults(path, status, told["Content-Type"], text)
            assert not wrong, f"{target}\n" + "\n".join(wrong)
        return status, told, text

    def get(self, path, **query):
        status, _, text = self.ask(path, **query)
        assert status == 200, (path, query, status, text)
        return json.loads(text)

    def all(self, path, between=lambda: None, **query):
        """Every item of a list, page by page."""
        items, token = [], None
        while True:
            page = self.get(path, **query, **({"page_token": token} if token else {}))
            items += page["items"]
            token = page["next_page_token"]
            if token is None:
                return items
            between()


def segment(identifier):
    return urllib.parse.quote(identifier, safe="")
