"""What a benchmark says: rows, and how they are shown. Standard library only."""
import dataclasses
import json
import os
import platform
import re
import statistics
import subprocess


@dataclasses.dataclass
class Row:
    """One line of the table. `figures`: {"changes/s": 81234.0, "of pg_recvlogical": 1.04}; a figure is
    a number or a short text, its name says the unit. Names are the same over the rows of a section."""
    section: str
    case: str
    figures: dict


def median(values):
    return statistics.median(values)


def spread(values, form="{:.2f}"):
    """The median and, from three values on, between what it lies: "1.04 (0.98-1.07)"."""
    middle = form.format(median(values))
    if len(values) < 3:
        return middle
    return f"{middle} ({form.format(min(values))}-{form.format(max(values))})"


def shown(figure):
    if isinstance(figure, float):
        if figure and abs(figure) < 10:
            return f"{figure:.2f}"
        return f"{figure:,.1f}" if abs(figure) < 1000 else f"{figure:,.0f}"
    if isinstance(figure, int):
        return f"{figure:,}"
    return str(figure)


def table(rows):
    """One Markdown table a section: what goes to the terminal and into results.md alike."""
    lines = []
    for section in dict.fromkeys(row.section for row in rows):
        ours = [row for row in rows if row.section == section]
        names = list(dict.fromkeys(name for row in ours for name in row.figures))
        cells = [[section, *names]] + [
            [row.case, *(shown(row.figures.get(name, "")) for name in names)] for row in ours]
        widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
        for number, line in enumerate(cells):
            lines.append("| " + " | ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths))) + " |")
            if number == 0:
                lines.append("|" + "|".join(
                    "-" * (width + 1) + (":" if i else "-") for i, width in enumerate(widths)) + "|")
        lines.append("")
    return "\n".join(lines)


def _first_line(*command):
    try:
        return subprocess.run(command, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT).stdout.splitlines()[0]
    except (OSError, IndexError):
        return "not found"


def _processor():
    with open("/proc/cpuinfo") as info:
        names = re.findall(r"^model name\s*: (.*)$", info.read(), re.MULTILINE)
    return f"{os.cpu_count()} x {names[0] if names else platform.machine()}"


def machine(postgres_bin=None, programs=None):
    """What the figures depend on, {name: text}."""
    with open("/proc/meminfo") as info:
        memory = int(info.readline().split()[1]) // 1024
    facts = {"processor": _processor(), "memory": f"{memory:,} MiB",
             "kernel": platform.release(), "compiler": _first_line("g++", "--version"),
             "load before": f"{os.getloadavg()[0]:.1f}"}
    if postgres_bin:
        facts["PostgreSQL"] = _first_line(str(postgres_bin / "postgres"), "--version")
    if programs:
        facts["walpulse"] = _first_line(str(programs / "walpulse-connector"), "--version")
    return facts


def write_json(path, facts, rows):
    with open(path, "w") as out:
        json.dump({"machine": facts, "rows": [dataclasses.asdict(row) for row in rows]}, out,
                  indent=1)
        out.write("\n")


def read_json(path):
    """(facts, rows) as write_json() left them."""
    with open(path) as text:
        found = json.load(text)
    return found["machine"], [Row(**row) for row in found["rows"]]
