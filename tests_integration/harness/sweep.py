"""The janitor itself (janitor.py hires it): waits for its employer's end, then stops the processes that
bear the employer's mark and removes the paths that it was told. Standard library only.

    sweep.py VARIABLE MARK [EMPLOYER PARENT]    the latter as descriptors (pidfd_open(2))
"""
import contextlib
import os
import pathlib
import select
import shutil
import signal
import sys
import time

POLITE_SECONDS, KILLED_SECONDS, EMPLOYER_SECONDS = 3, 10, 15


def _paths_until_the_employer_ends(watched):
    """What it was told."""
    told, pipe = bytearray(), sys.stdin.fileno()
    employer, parent = watched or (None, None)
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    if parent is not None:
        poll.register(parent, select.POLLIN)
    deadline = None
    while True:
        wait = None if deadline is None else max(0, deadline - time.monotonic()) * 1000
        ready = [descriptor for descriptor, _ in poll.poll(wait)]
        if pipe in ready:
            piece = os.read(pipe, 1 << 16)
            told += piece
            if not piece:
                return [os.fsdecode(path) for path in bytes(told).split(b"\0")[:-1]]
        elif parent in ready:
            poll.unregister(parent)
            _signal(employer, signal.SIGTERM)
            deadline = time.monotonic() + EMPLOYER_SECONDS
        elif not ready:
            _signal(employer, signal.SIGKILL)
            deadline = None


def _signal(descriptor, number):
    with contextlib.suppress(OSError):  # it has just ended
        signal.pidfd_send_signal(descriptor, number)


def _is_employers(pid, mark, paths):
    """Root may be refused the environment of other users' processes, in a container without
    CAP_SYS_PTRACE: those tell by their command line, as a server does that names its folder."""
    try:
        return mark in pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except PermissionError:
        if os.geteuid() != 0:
            return False
    except OSError:
        return False
    with contextlib.suppress(OSError):
        command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        return any(os.fsencode(path) in command for path in paths)
    return False


def _left(mark, paths):
    """{pid: descriptor} of the employer's processes; who opens a process first and looks at it then
    never takes another for it that has the same number."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            descriptor = os.pidfd_open(int(entry))
        except OSError:
            continue
        if _is_employers(entry, mark, paths):
            found[entry] = descriptor
        else:
            os.close(descriptor)
    return found


def _polite(pid):
    """PostgreSQL's own quick stop; everybody else's."""
    with contextlib.suppress(OSError):
        if pathlib.Path(f"/proc/{pid}/comm").read_text() == "postgres\n":
            return signal.SIGQUIT
    return signal.SIGTERM


def stop_all(mark, paths):
    """Until none is left, or POLITE_SECONDS and KILLED_SECONDS are over."""
    began, asked = time.monotonic(), set()
    while time.monotonic() < began + POLITE_SECONDS + KILLED_SECONDS:
        left = _left(mark, paths)
        patience_ended = time.monotonic() > began + POLITE_SECONDS
        for pid, descriptor in left.items():
            if patience_ended:
                _signal(descriptor, signal.SIGKILL)
            elif pid not in asked:
                asked.add(pid)
                _signal(descriptor, _polite(pid))
                _signal(descriptor, signal.SIGCONT)
            os.close(descriptor)
        if not left:
            return
        time.sleep(0.02)


def remove(path):
    """Whatever it is; True when it is gone."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(path)
    return not os.path.lexists(path)


def main():
    variable, value, *watched = sys.argv[1:]
    mark = f"{variable}={value}".encode()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    paths = _paths_until_the_employer_ends([int(one) for one in watched])
    stop_all(mark, paths)
    for _ in range(50):  # a process that ended may still be letting go of its files
        if all([remove(path) for path in paths]):
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main()
