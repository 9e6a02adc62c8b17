"""The monitor as a process."""


def run(options):
    return []
