#!/usr/bin/env python3
"""Writes manual pages and shell completions, made from what the built programs say of themselves.

    write.py FOLDER CHANGELOG PROGRAM...

FOLDER gets man/, bash/, zsh/ and fish/; version and date are those of Debian's CHANGELOG."""
import email.utils
import gzip
import pathlib
import re
import shutil
import sys

import completions
import help_text
import man_pages


def release_of(changelog):
    version = re.match(r"\S+ \((.*)\)", changelog)[1]
    date = re.search(r"^ -- .*>  (.*)$", changelog, re.M)[1]
    return version, email.utils.parsedate_to_datetime(date).date().isoformat()


def main(folder, changelog, *paths):
    folder = pathlib.Path(folder)
    release = release_of(pathlib.Path(changelog).read_text())
    programs = [help_text.read_program(pathlib.Path(path)) for path in paths]
    written = {}
    for program in programs:
        others = [one.name for one in programs if one != program]
        for name, text in man_pages.pages(program, others, release).items():
            written[f"man/{name}.gz"] = gzip.compress(text.encode(), 9, mtime=0)
        for name, text in completions.files(program).items():
            written[name] = text.encode()
    shutil.rmtree(folder, ignore_errors=True)  # a command may be gone
    for name, content in written.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


main(*sys.argv[1:])
