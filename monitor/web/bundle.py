#!/usr/bin/env python3
"""Makes what the monitor serves out of the page's sources.

    bundle.py ASSETS --cpp OUT.cpp    one source to compile in
    bundle.py ASSETS --folder OUT     the same as files, for whoever wants to look at it

A first look costs two requests beside the HTML: the modules become one script and the style sheets one.
The rule for modules is narrow on purpose, so that joining them needs no parser: imports are
`import { a, b } from "./c.js";`, exports stand before `function`, `class`, `const` or `let`, and no two modules
have a top-level name in common. What breaks it fails the build.
"""
import argparse
import hashlib
import pathlib
import re
import sys

IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[^"]+\.js)";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?function |class |const |let )", re.M)
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function\*?|class|const|let) +([A-Za-z_$][\w$]*)", re.M)
EXPORTED = re.compile(r"^export (?:async )?(?:function\*?|class|const|let) +([A-Za-z_$][\w$]*)", re.M)

# Whole lines of comment say nothing to a browser, and were a sixth of what it loads.
COMMENT = re.compile(r"^ *(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/) *\n", re.M)

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


class Broken(Exception):
    """The sources break a rule of this file."""


def join_modules(first):
    """One script out of the module `first` and all that it reaches, each behind what it imports."""
    done, under_way, owners, out = {}, [], {}, []

    def take(path):
        if path in under_way:
            raise Broken(f"{path} imports itself by way of {under_way[-1]}")
        if path in done:
            return
        under_way.append(path)
        text = path.read_text()
        for names, target in IMPORT.findall(text):
            other = (path.parent / target).resolve()
            if not other.is_file():
                raise Broken(f"{path}: there is no {target}")
            take(other)
            wanted = {name.strip() for name in names.split(",") if name.strip()}
            missing = wanted - done[other]
            if missing:
                raise Broken(f"{path}: {target} does not export {', '.join(sorted(missing))}")
        under_way.pop()
        for name in TOP_LEVEL.findall(text):
            if name in owners:
                raise Broken(f"{path} and {owners[name]} both have a top-level `{name}`")
            owners[name] = path
        done[path] = set(EXPORTED.findall(text))
        body = EXPORT.sub("", IMPORT.sub("", text))
        left = re.search(r"^(?:import|export)\b.*", body, re.M)
        if left:
            raise Broken(f"{path}: `{left[0]}` is not of the one form that is joined")
        out.append(f"{COMMENT.sub('', body).strip()}\n")

    take(first.resolve())
    return "".join(out)


def vendored(folder):
    """Checks every file of `folder` against its SHA256SUMS."""
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        if line.startswith("#"):
            continue
        wanted, name = line.split()
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != wanted:
            raise Broken(f"{folder / name} is not the released file: see SHA256SUMS")


def named(name, text, found):
    """Keeps `text` under a path that holds its digest: it may be cached for ever."""
    stem, suffix = name.rsplit(".", 1)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = f"/assets/{stem}-{digest}.{suffix}"
    found[path] = text
    return path


def bundle(assets):
    """{path: text}: `/` is the HTML of every view."""
    found = {}
    uplot = assets / "vendor/uplot"
    vendored(uplot)
    # The released script declares a variable; as a module it has to hand that out.
    chart = named("uplot.js", (uplot / "uPlot.iife.min.js").read_text() + "\nexport default uPlot;\n", found)
    script = join_modules(assets / "js/main.js")
    if script.count("/assets/uplot.js") != 1:
        raise Broken("exactly one module loads /assets/uplot.js")
    script = script.replace("/assets/uplot.js", chart)
    sheets = sorted((assets / "css").glob("*.css"))
    css = "".join(sheet.read_text() for sheet in sheets) + (uplot / "uPlot.min.css").read_text()
    parts = "".join(each.read_text() for each in sorted((assets / "parts").glob("*.html")))
    html = (assets / "index.html").read_text()
    for mark, text in (("{{parts}}", parts), ("{{css}}", named("app.css", css, found)),
                       ("{{js}}", named("app.js", script, found)),
                       ("{{icon}}", named("icon.svg", (assets / "icon.svg").read_text(), found))):
        if html.count(mark) != 1:
            raise Broken(f"index.html holds {mark} {html.count(mark)} times, not once")
        html = html.replace(mark, text)
    if re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\bon[a-z]+=|https?://", html):
        raise Broken("index.html or a part of it holds an inline style, script or handler, or an address elsewhere")
    found["/"] = html
    return found


def literal(data):
    """Bytes as adjacent C++ literals, none longer than a compiler must accept."""
    lines = (data[i:i + 64] for i in range(0, len(data), 64))
    return "\n".join('    "' + "".join(f"\\{byte:03o}" for byte in line) + '"' for line in lines)


def as_cpp(found):
    rows, texts = [], []
    for number, (path, text) in enumerate(sorted(found.items())):
        data = text.encode()
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        texts.append(f"constexpr char kBytes{number}[] =\n{literal(data)};\n")
        rows.append(f'    {{"{path}", "{TYPES[pathlib.Path(path).suffix or ".html"]}", '
                    f'"\\"{digest}\\"", {{kBytes{number}, {len(data)}}}}},\n')
    return ("// Made by bundle.py.\n#include \"monitor/web/asset_table.h\"\n\nnamespace walpulse::monitor {\n"
            "namespace {\n\n" + "\n".join(texts) + f"\nconstexpr Asset kAssets[] = {{\n{''.join(rows)}}};\n\n"
            "}  // namespace\n\nstd::span<const Asset> asset_table() { return kAssets; }\n\n"
            "}  // namespace walpulse::monitor\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assets", type=pathlib.Path)
    parser.add_argument("--cpp", type=pathlib.Path)
    parser.add_argument("--folder", type=pathlib.Path)
    options = parser.parse_args()
    try:
        found = bundle(options.assets.resolve())
    except Broken as broken:
        sys.exit(f"bundle.py: {broken}")
    if options.cpp:
        options.cpp.write_text(as_cpp(found))
    if options.folder:
        for path, text in found.items():
            target = options.folder / (path.lstrip("/") or "index.html")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)


if __name__ == "__main__":
    main()
