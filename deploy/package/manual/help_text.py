"""Reads what a program says of itself: `PROGRAM --help` and `PROGRAM COMMAND --help`. What it does not
understand is an error, so that no manual page leaves out what the help has."""
import re
import subprocess
from typing import NamedTuple

LITERAL = ("Examples", "First steps")
PROSE = ("Settings",)


class Entry(NamedTuple):
    """A command, verb, argument or option, with its text in one line."""
    name: str       # "run", "EPOCH", "--config"
    short: str      # "-h"; mostly empty
    value: str      # "FILE"; empty for a switch, a command or an argument
    text: str


class Help(NamedTuple):
    """One --help."""
    purpose: str
    usages: list    # "walpulse-connector run [OPTIONS]"
    commands: list  # of Entry: the program's commands, or a command's verbs and their arguments
    options: list   # of Entry
    examples: list  # lines
    settings: str   # where settings may stand
    exits: list     # (code, meaning)


class Program(NamedTuple):
    name: str
    help: Help
    commands: dict  # name -> Help


def blocks(text):
    return [block.splitlines() for block in re.split(r"\n\s*\n", text.strip("\n"))]


def entries(lines):
    """Two columns; a name that is too long for the first stands on a line of its own."""
    indents = [len(line) - len(line.lstrip()) for line in lines]
    column = min((one for one in indents if one > 4), default=27)
    found = []
    for line, indent in zip(lines, indents):
        if indent == column and found:
            found[-1].append(line.strip())
        elif indent in (2, 4):
            apart = len(line) > column and line[column - 1] == " "
            name, text = (line[:column], line[column:]) if apart else (line, "")
            found.append([name.strip(), text.strip()])
        else:
            raise ValueError(f"not a line of a list: {line!r}")
    return [entry(name, " ".join(filter(None, texts))) for name, *texts in found]


def entry(name, text):
    read = re.fullmatch(r"(?:(-\w), )?(--[a-z][a-z-]*)(?: (\S+))?", name) or \
        re.fullmatch(r"()([A-Za-z][A-Za-z-]*)()", name)
    if not read or not text:
        raise ValueError(f"not an entry: {name!r} {text!r}")
    return Entry(read[2], read[1] or "", read[3] or "", text)


def parse(text):
    purpose, *rest = blocks(text)
    read = {"purpose": " ".join(purpose), "usages": [], "commands": [], "options": [], "examples": [],
            "settings": "", "exits": []}
    for lines in rest:
        title = re.fullmatch(r"([A-Z][a-z ]+):", lines[0])
        if lines[0].startswith("Usage: "):
            read["usages"] = [line[len("Usage: "):].strip() for line in lines]
        elif title and title[1] in LITERAL:
            read["examples"] += lines[1:]
        elif title and title[1] in PROSE:
            read["settings"] = " ".join([read["settings"], *map(str.strip, lines[1:])]).strip()
        elif title:
            for one in entries(lines[1:]):
                read["options" if one.name.startswith("--") else "commands"].append(one)
        elif any(line.startswith(" ") for line in lines):
            raise ValueError(f"a list under no title that is known: {lines[0]!r}")
        else:
            said, _, exits = " ".join(lines).partition("Exit codes: ")
            read["settings"] = " ".join([read["settings"], said]).strip()
            read["exits"] += re.findall(r"(\d+) (.+?)(?:, (?=\d+ )|\.$)", exits)
    for needed in ("usages", "options", "examples", "exits"):
        if not read[needed]:
            raise ValueError(f"the help has no {needed}")
    return Help(**read)


def ask(*call):
    return parse(subprocess.run([*map(str, call), "--help"], check=True, text=True, timeout=60,
                                stdout=subprocess.PIPE).stdout)


def read_program(path):
    """The program at `path`, with each of its commands."""
    own = ask(path)
    return Program(path.name, own, {one.name: ask(path, one.name) for one in own.commands})
