"""What running processes cost, read from /proc (proc(5)). Standard library only."""
import contextlib
import os

_TICKS = os.sysconf("SC_CLK_TCK")


def _stat(path):
    """The fields of a stat file behind the name, which may itself hold blanks and brackets."""
    with open(path) as stat:
        text = stat.read()
    name = text[text.index("(") + 1:text.rindex(")")]
    return name, text[text.rindex(")") + 2:].split()


def cpu_seconds(pid):
    _, fields = _stat(f"/proc/{pid}/stat")
    return (int(fields[11]) + int(fields[12])) / _TICKS


def cpu_of_tree(pid):
    """Of a process and those that it has started and that run still."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):  # it has just ended
                parents.setdefault(int(_stat(f"/proc/{entry}/stat")[1][1]), []).append(int(entry))
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        waiting += parents.get(one, [])
        with contextlib.suppress(OSError):
            total += cpu_seconds(one)
    return total


def cpu_by_thread(pid):
    """{thread's name: seconds}; threads whose names differ in a number only are one line."""
    seconds = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            name, fields = _stat(f"/proc/{pid}/task/{task}/stat")
        except OSError:
            continue
        name = name.rstrip("0123456789").rstrip("-")
        seconds[name] = seconds.get(name, 0) + (int(fields[11]) + int(fields[12])) / _TICKS
    return seconds


def _status_bytes(pid, field):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    return 0


def resident_bytes(pid):
    return _status_bytes(pid, "VmRSS")


def peak_bytes(pid):
    return _status_bytes(pid, "VmHWM")


class Watch:
    """The last that was seen of processes that may end by themselves: call look() often."""

    def __init__(self, **pids):
        self.pids = pids
        self.before = {}
        self.cpu = dict.fromkeys(pids, 0.0)
        self.peak = dict.fromkeys(pids, 0)

    def add(self, name, pid):
        self.pids[name] = pid
        self.cpu[name], self.peak[name] = 0.0, 0

    def look(self):
        for name, pid in self.pids.items():
            try:
                self.cpu[name] = cpu_seconds(pid)
                self.peak[name] = peak_bytes(pid) or self.peak[name]  # a zombie has none
            except OSError:
                pass
