"""The database role of a page that stands alone."""
import subprocess

from harness.programs import run


def grant_page(server, name, schema="walpulse_ledger"):
    """The page's role by the script that the program prints, as a DBA runs it."""
    server.psql("DO $$ BEGIN CREATE ROLE page LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
    dsn = server.dsn(name, "page")
    done = run("walpulse-monitor", "page", "--print-sql", "--ledger", dsn)
    assert done.returncode == 0, done.stderr
    return dsn, subprocess.run(["psql", "-X", server.dsn(name)], input=done.stdout,
                               capture_output=True, text=True, timeout=60)
