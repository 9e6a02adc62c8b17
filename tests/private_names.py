#!/usr/bin/env python3
"""Private names of rooms that compile as one unit (walpulse_unit, in CMakeLists.txt).

The unnamed namespaces of one unit are one. So a private function of one room is found before another's, or
before the public one that a third means, where it takes as many parameters; and it may fit without a word
from the compiler. The builds that compile each source alone would do otherwise. So no two such names are alike.

  private_names.py    one line for each that is; exit code 1 where there are any
"""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARTS = ["decoder", "publisher", "connector", "monitor"]
NAMESPACE = re.compile(r"^namespace ([a-z_:]+) \{$(.*?)^\}  // namespace \1$", re.M | re.S)
UNNAMED = re.compile(r"^namespace \{$(.*?)^\}  // namespace$", re.M | re.S)
# At the beginning of a line, as clang-format leaves what is declared in a namespace.
TYPE = re.compile(r"^(?:struct|class|enum class|enum) (\w+)[^;]*$|^using (\w+) =", re.M)
CONSTANT = re.compile(r"^(?:inline )?const(?:expr)?\b[^(\n]*?\b(k[A-Z]\w*)", re.M)
FUNCTION = re.compile(r"^(?!return|using|static_assert|[})#/ ])[\w:<>,&*\[\] ]+?[ &*](\w+)\(", re.M)


def units():
    """{unit: its libraries}, as the project declares them."""
    text = (ROOT / "CMakeLists.txt").read_text()
    return {words[0]: [word for word in words[1:] if word != "COLD"]
            for words in map(str.split, re.findall(r"^walpulse_unit\(([^)]*)\)", text, re.M))}


def folders():
    """{library: its room}."""
    return {found[1]: path.parent for part in PARTS for path in (ROOT / part).rglob("CMakeLists.txt")
            for found in re.finditer(r"walpulse_library\((\w+)", path.read_text())}


def source_text(path):
    """Without what raw strings hold, which may look like declarations."""
    return re.sub(r'R"(\w*)\(.*?\)\1"', '""', path.read_text(), flags=re.S)


def parameters(text, begin):
    """How many parameters stand behind the bracket that ends at `begin`."""
    depth, commas, some = 1, 0, False
    for letter in text[begin:]:
        depth += (letter in "(<{[") - (letter in ")>}]")
        if depth == 0:
            return commas + 1 if some else 0
        commas += letter == "," and depth == 1
        some = some or not letter.isspace()
    return 0


def declared(text):
    """Types and constants by name, functions by name and number of parameters."""
    names = {found[1] or found[2] for found in TYPE.finditer(text)} | set(CONSTANT.findall(text))
    return names | {f"{found[1]}({parameters(text, found.end())})" for found in FUNCTION.finditer(text)}


def public_names():
    """{(namespace, name): the rooms whose headers declare it}."""
    names = collections.defaultdict(set)
    for part in PARTS:
        for path in (ROOT / part).rglob("*.h"):
            for namespace, text in NAMESPACE.findall(source_text(path)):
                for name in declared(text):
                    names[namespace, name].add(path.parent)
    return names


def private_names(room):
    """(namespace, name, source) of what the room's sources have for themselves."""
    for path in sorted(room.rglob("*.cpp")):
        for namespace, text in NAMESPACE.findall(source_text(path)):
            for name in sorted({name for own in UNNAMED.findall(text) for name in declared(own)}):
                yield namespace, name, path


def aliases(path, name):
    """What an alias stands for; two of one meaning are no harm."""
    return set(re.findall(rf"using {name} = ([^;]+);", path.read_text()))


def main():
    rooms, public, wrong = folders(), public_names(), []
    for unit, libraries in units().items():
        seen = {}
        for library in libraries:
            room = rooms[library]
            for namespace, name, path in private_names(room):
                where = path.relative_to(ROOT)
                first = seen.setdefault((namespace, name), path)
                alike = aliases(first, name) and aliases(first, name) == aliases(path, name)
                if room not in first.parents and not alike:
                    wrong.append(f"{where}: {name} is {first.relative_to(ROOT)}'s too, in the unit {unit}")
                others = public[namespace, name] - {room} - set(path.parents)
                if others and not aliases(path, name):
                    wrong.append(f"{where}: {name} is a public name of {sorted(others)[0].relative_to(ROOT)}")
    for line in wrong:
        print(line)
    print(f"private_names: {len(wrong)} offences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
