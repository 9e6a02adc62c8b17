"""Manual pages in man(7): one for the program, one for each command (`man walpulse-monitor serve`)."""
import re

SPECIAL = {"\\": r"\e", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}


def literal(text):
    """As typed: no hyphen, no quote turns into a typographer's."""
    text = "".join(SPECIAL.get(one, one) for one in text).replace("-", r"\-")
    return r"\&" + text if text.startswith((".", r"\(aq")) else text


def prose(text):
    """A paragraph; what is typed in it (`--flag`, `command`) stays as it is."""
    words = re.split(r"(--[a-z][a-z-]*|`[^`]*`)", text)
    text = "".join(rf"\fB{literal(one.strip('`'))}\fR" if index % 2 else
                   "".join(SPECIAL.get(letter, letter) for letter in one)
                   for index, one in enumerate(words))
    return r"\&" + text if text.startswith((".", r"\(aq")) else text


def listed(found):
    lines = []
    for one in found:
        name = rf"\fB{literal(one.name)}\fR"
        if one.short:
            name = rf"\fB{literal(one.short)}\fR, {name}"
        if one.value:
            name += rf" \fI{literal(one.value)}\fR"
        lines += [".TP", name, prose(one.text)]
    return lines


def synopsis(usage):
    words = [rf"\fB{literal(one)}\fR" if re.fullmatch(r"[a-z][a-z-]*", one) else rf"\fI{literal(one)}\fR"
             for one in usage.split()]
    return " ".join(words)


def page(name, title, said, release, also):
    """`release` is (version, date)."""
    version, date = release
    lines = [f'.TH {literal(name.upper())} 1 {date} "walpulse {version}" "walpulse"',
             ".SH NAME", rf"{literal(name)} \- {prose(title)}", ".SH SYNOPSIS"]
    for index, usage in enumerate(said.usages):
        lines += ([".br"] if index else []) + [synopsis(usage)]
    lines += [".SH DESCRIPTION", prose(said.purpose)]
    if said.commands:
        lines += [".SH COMMANDS", *listed(said.commands)]
    lines += [".SH OPTIONS", *listed(said.options)]
    lines += [".SH CONFIGURATION", prose(said.settings), ".SH EXIT STATUS"]
    for code, meaning in said.exits:
        lines += [".TP", rf"\fB{code}\fR", prose(meaning)]
    lines += [".SH EXAMPLES", ".nf", *map(literal, said.examples), ".fi", ".SH SEE ALSO",
              ",\n".join(rf"\fB{literal(one)}\fR(1)" for one in also)]
    return "\n".join(lines) + "\n"


def brief(text):
    """The first sentence, as the NAME section has it."""
    return text[0].lower() + re.split(r"(?<=\w)\. |\.$", text)[0][1:]


def pages(program, others, release):
    """{file name: text}"""
    names = {command: f"{program.name}-{command}" for command in program.commands}
    made = {f"{program.name}.1": page(program.name, brief(program.help.purpose), program.help,
                                      release, [*names.values(), *others])}
    for one in program.help.commands:
        also = [program.name, *(name for name in names.values() if name != names[one.name])]
        made[f"{names[one.name]}.1"] = page(names[one.name], one.text, program.commands[one.name],
                                            release, also)
    return made
