#!/usr/bin/env python3
"""No program tells where it was built: its log lines name their place in the source from the top of
the project, and nothing else in it holds the folder's path.

    tests/builder_paths.py FOLDER PROGRAM ...     exit 1 where a PROGRAM holds FOLDER's path, or the
                                                  whole path of a source in another folder

Debug information may: it is left out, as the package and the images leave it out.
"""
import pathlib
import re
import subprocess
import sys
import tempfile


# A compiler's cache may have taken the object from another folder's build.
SOURCE = rb"(?<![\w.])/[\w./-]*/(?:decoder|publisher|connector|monitor|bench)/[\w/]+\.(?:cpp|h)"


def strings_with(folder, program):
    """Every text of the program's that holds such a path."""
    with tempfile.NamedTemporaryFile() as stripped:
        subprocess.run(["objcopy", "--strip-debug", program, stripped.name], check=True)
        content = pathlib.Path(stripped.name).read_bytes()
    path = re.escape(folder.encode()) + rb"[\x21-\x7e]*|" + SOURCE
    return sorted({text.decode() for text in re.findall(path, content)})


def main(folder, *programs):
    count = 0
    for program in programs:
        for text in strings_with(folder, program):
            print(f"{program} holds {text}")
            count += 1
    print(f"{len(programs)} programs, {count} paths of their builder's")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
