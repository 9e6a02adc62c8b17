"""What a test of `recover` asks for: the command, the identity that it changes, a connector's life."""
import json

from harness.programs import run

GAP = 3


def flags(source, monitor):
    return [*source.flags(), "--admin-dsn", source.owner_dsn, "--to", f"{monitor.url}/push",
            "--label", "partner=variables.partner"]


def recover(source, monitor, *arguments):
    return run("walpulse-connector", "recover", *flags(source, monitor), "--yes", *arguments)


def recovered(source, monitor, *arguments):
    done = recover(source, monitor, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def identity(source, publication="walpulse"):
    """What the publication's comment says."""
    return json.loads(source.execute(
        "SELECT obj_description(oid, 'pg_publication') FROM pg_publication WHERE pubname = %s",
        [publication])[0][0])


def deliver(source, monitor, seed):
    """A connector's life."""
    connector = source.connector(f"{monitor.url}/push")
    source.simulate("--runs", 40, "--rate", 0, "--seed", seed)
    monitor.wait_equal(source)
    source.wait_confirmed()
    assert connector.stop() == 0, connector.text()
    return connector
