"""A shell that finds walpulse's programs and psql, for commands that were printed to be pasted."""
import os
import subprocess

from harness.postgres import bin_dir as postgres_bin_dir
from harness.postgres import psql_program
from harness.programs import bin_dir, clean_environment


def in_a_shell(command, typed=""):
    """Runs it to its end, without a terminal; returns its CompletedProcess with text output."""
    psql = os.path.dirname(psql_program(postgres_bin_dir()))
    path = ":".join(filter(None, [str(bin_dir()), psql, os.environ["PATH"]]))
    kept = {name: value for name, value in os.environ.items() if name.startswith("PUBSUB_")}
    return subprocess.run(["sh", "-c", command], input=typed, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=clean_environment({**kept, "PATH": path}),
                          start_new_session=True)
