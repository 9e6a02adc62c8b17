"""Reads what lies in deploy/: the module's blocks, the alert policies, the commands in the pages."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
PREFIX = "custom.googleapis.com/walpulse/"


class Block:
    """One block of a configuration: its kind, its labels, its arguments' names, its blocks."""

    def __init__(self, kind, labels):
        self.kind, self.labels = kind, labels
        self.arguments, self.blocks = [], []


def read_terraform(text):
    """The top-level blocks of a file in the form that `terraform fmt` gives: one argument or one
    bracket's end a line."""
    top = Block("", [])
    stack, depth, heredoc = [top], 0, None
    for line in text.splitlines():
        if heredoc:
            heredoc = None if line.strip() == heredoc else heredoc
            continue
        bare = re.sub(r'"(\\.|[^"\\])*"', '""', line).split("#")[0].strip()
        begun = re.search(r"<<-?(\w+)$", bare)
        if depth:
            depth += sum(map(bare.count, "[{(")) - sum(map(bare.count, "]})"))
        elif argument := re.match(r"(\w+)\s+= ", bare + " "):
            stack[-1].arguments.append(argument[1])
            depth += sum(map(bare.count, "[{(")) - sum(map(bare.count, "]})"))
        elif opened := re.match(r"(\w+)(?: \"\")* \{(\})?$", bare):
            block = Block(opened[1], re.findall(r'"([^"]*)"', line))
            stack[-1].blocks.append(block)
            if not opened[2]:
                stack.append(block)
        elif bare == "}":
            stack.pop()
        heredoc = begun[1] if begun else None
    assert stack == [top], "the blocks do not close"
    return top.blocks


def plain_blocks(block):
    """A block's blocks, `dynamic` ones as what they make."""
    for each in block.blocks:
        if each.kind != "dynamic":
            yield each
            continue
        content = next(one for one in each.blocks if one.kind == "content")
        made = Block(each.labels[0], [])
        made.arguments, made.blocks = content.arguments, content.blocks
        yield made


def descriptors():
    return {one["type"]: one for one in json.loads((DEPLOY / "monitoring/descriptors.json").read_text())}


def alerts(only="**"):
    """Name -> alert policy. `only`: "." are those of the pipe, "pipelines" those of pipelines."""
    return {path.stem: json.loads(path.read_text())
            for path in sorted((DEPLOY / "monitoring/alerts").glob(f"{only}/*.json"))}


def problem_kinds():
    """The kinds of problems, as their metric's label names them; in their order."""
    labels = descriptors()[PREFIX + "problem/open"]["labels"]
    [said] = [label["description"] for label in labels if label["key"] == "kind"]
    return re.findall(r"[a-z_]+", said.split(":")[1].replace(" or ", " "))


class Query:
    """One use of a metric: its filter, what is done with it, the unit that it is shown in."""

    def __init__(self, where, text, aggregation, unit):
        self.where, self.aggregation, self.unit = where, aggregation, unit
        self.metric = re.search(r'metric\.type="([^"]+)"', text)[1]
        self.resource = re.search(r'resource\.type="([^"]+)"', text)[1]
        self.labels = set(re.findall(r"metric\.labels?\.(\w+)", text))
        self.labels |= {by.split(".")[-1] for by in aggregation.get("groupByFields", [])}


def alert_queries():
    for name, policy in alerts().items():
        for condition in policy["conditions"]:
            unit = re.search(r"\((\S+)\)$", condition["displayName"])[1]
            body = condition.get("conditionThreshold") or condition["conditionAbsent"]
            yield Query(name, body["filter"], body["aggregations"][0], unit)
            if "denominatorFilter" in body:
                yield Query(name, body["denominatorFilter"], body["denominatorAggregations"][0], unit)


def dashboard_queries():
    dashboard = json.loads((DEPLOY / "monitoring/dashboard.json").read_text())
    for tile in dashboard["mosaicLayout"]["tiles"]:
        widget = tile["widget"]
        if "sectionHeader" in widget:
            continue
        shown = ([widget["scorecard"]] if "scorecard" in widget
                 else widget["xyChart"]["dataSets"])
        for each in shown:
            query = each["timeSeriesQuery"]
            yield Query(widget["title"], query["timeSeriesFilter"]["filter"],
                        query["timeSeriesFilter"]["aggregation"], query["unitOverride"])


def commands(text):
    """The command lines of a page's code blocks, continued lines joined."""
    for block in re.findall(r"^ *```sh\n(.*?)^ *```", text, re.M | re.S):
        for line in block.replace("\\\n", " ").splitlines():
            if line.strip() and not line.strip().startswith("#"):
                yield line.strip()
