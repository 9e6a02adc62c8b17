"""What bash, zsh and fish complete: commands, verbs, options, and the values of those that have few."""
import re


def short(text):
    """The beginning of a text, for a menu."""
    return re.split(r" \[|; |\. ", text)[0]


def choices(option):
    """The words that a value may be, where the help counts them up."""
    if "|" in option.value:
        return [word for word in option.value.split("|") if re.fullmatch(r"[a-z][a-z-]*", word)]
    counted = re.match(r"((?:[a-z-]+, )*[a-z-]+ or [a-z-]+)(?: \[|;|$)", option.text)
    return re.split(r", | or ", counted[1]) if counted else []


def verbs(said):
    return [one for one in said.commands if one.name.islower()]


def flags(found):
    return [flag for one in found for flag in (one.short, one.name) if flag]


def bash(program):
    function = "_" + program.name.replace("-", "_")
    of_command, of_value = [], {}
    for name, said in program.commands.items():
        of_command.append(f"    {name})\n      words='{' '.join(flags(said.options))}'\n"
                          f"      verbs='{' '.join(one.name for one in verbs(said))}' ;;\n")
        for option in said.options:
            if option.value:
                of_value[option.name] = choices(option)
    free = "|".join(sorted(name for name, words in of_value.items() if not words and name != "--config"))
    of_few = "".join(f"    {name}) mapfile -t COMPREPLY < <(compgen -W '{' '.join(words)}' -- \"$current\"); return ;;\n"
                     for name, words in sorted(of_value.items()) if words)
    return f"""# bash completion for {program.name}(1), made from its --help
{function}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} words verbs word
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='{' '.join([*program.commands, *flags(program.help.options)])}'
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    return
  fi
  case $previous in
    --config) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
{of_few}    {free}) return ;;
  esac
  case ${{COMP_WORDS[1]}} in
{"".join(of_command)}    *) return ;;
  esac
  for word in "${{COMP_WORDS[@]:2:COMP_CWORD-2}}"; do
    [[ " $verbs " != *" $word "* ]] || verbs=
  done
  mapfile -t COMPREPLY < <(compgen -W "$verbs $words" -- "$current")
}}
complete -F {function} {program.name}
"""


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_option(option):
    text = re.sub(r"([\[\]:\\])", r"\\\1", short(option.text))
    spec = f"{option.name}[{text}]"
    if option.value == "FILE":
        spec += ":FILE:_files"
    elif option.value:
        value = re.sub(r"([:\\])", r"\\\1", option.value)
        words = choices(option)
        spec += f":{value}:" + (f"({' '.join(words)})" if words else " ")
    # What ends the call is offered alone; any other may be given again: lists may be repeated.
    return quoted(("(- *)" if option.short else "*") + spec)


def described(found):
    return " ".join(quoted(one.name + ":" + short(one.text).replace(":", "\\:")) for one in found)


def zsh(program):
    of_command = []
    for name, said in program.commands.items():
        specs = [zsh_option(one) for one in said.options]
        if verbs(said):
            specs.append(quoted(f"1:verb:({' '.join(one.name for one in verbs(said))})"))
        lines = " \\\n        ".join(specs)
        of_command.append(f"    {name})\n      _arguments \\\n        {lines} ;;\n")
    own = " ".join(zsh_option(one) for one in program.help.options)
    return f"""#compdef {program.name}
# zsh completion for {program.name}(1), made from its --help

local state line
local -a commands
commands=({described(program.help.commands)})
_arguments -C {own} '1: :->command' '*:: :->argument'
case $state in
  command) _describe -t commands command commands ;;
  argument) case $words[1] in
{"".join(of_command)}  esac ;;
esac
"""


def fish_text(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish(program):
    call = f"complete -c {program.name}"
    lines = [f"# fish completion for {program.name}(1), made from its --help", f"{call} -f"]
    none_yet = f"-n 'not __fish_seen_subcommand_from {' '.join(program.commands)}'"
    lines += [f"{call} {none_yet} -l {one.name[2:]} -d {fish_text(short(one.text))}"
              for one in program.help.options]
    for one in program.help.commands:
        lines.append(f"{call} {none_yet} -a {one.name} -d {fish_text(short(one.text))}")
        seen = f"-n '__fish_seen_subcommand_from {one.name}'"
        said = program.commands[one.name]
        lines += [f"{call} {seen} -a {verb.name} -d {fish_text(short(verb.text))}" for verb in verbs(said)]
        for option in said.options:
            words = f" -a '{' '.join(choices(option))}'" if choices(option) else ""
            value = " -r -F" if option.value == "FILE" else f" -x{words}" if option.value else ""
            lines.append(f"{call} {seen} -l {option.name[2:]}{value} -d {fish_text(short(option.text))}")
    return "\n".join(lines) + "\n"


def files(program):
    """{file name below the folder: text}"""
    return {f"bash/{program.name}": bash(program), f"zsh/_{program.name}": zsh(program),
            f"fish/{program.name}.fish": fish(program)}
