"""Runs bench/load: what it gives a monitor, or asks of any server, and the figures that it prints."""
import contextlib
import json
import subprocess
import tempfile

from harness import programs


class Load:
    """bench/load, its messages made; figures() waits for its end."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [programs.bin_dir() / "monitor_load", *map(str, arguments)], text=True,
            stdout=subprocess.PIPE)

    def port(self):
        return int(self.process.stdout.readline().split()[1])

    def figures(self):
        shown = self.process.communicate(timeout=600)[0]
        if self.process.returncode != 0:
            raise RuntimeError(f"monitor_load failed with {self.process.returncode}")
        return json.loads(shown.splitlines()[-1])


@contextlib.contextmanager
def targets_file(targets):
    """What `ask` is told: one path and query on each line."""
    with tempfile.NamedTemporaryFile("w", suffix=".targets") as file:
        file.write("\n".join(targets) + "\n")
        file.flush()
        yield file.name


def ask(port, targets, *options):
    """The figures of `monitor_load ask`; each answer was 200, or 304."""
    with targets_file(targets) as name:
        figures = Load("ask", "--port", port, "--targets", name, *options).figures()
    wrong = set(figures["statuses"]) - {"200", "304"}
    if wrong:
        raise RuntimeError(f"answers of status {', '.join(sorted(wrong))} from port {port}")
    return figures
