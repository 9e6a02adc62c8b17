"""Java's own libraries within the tests' process: those of consumers.xml, which setup.sh fetches.

A process starts one Java machine at most, and it lives as long as that.
"""
import pathlib

import jpype

JARS = pathlib.Path(__file__).resolve().parent.parent.parent / ".venv/jars"


def java():
    """jpype, with the machine running."""
    if not jpype.isJVMStarted():
        if not (JARS / "complete.xml").exists():
            raise RuntimeError(f"{JARS} has not what consumers.xml names: run 'make setup'")
        # Signals stay Python's: Ctrl-C ends the tests.
        jpype.startJVM("-Xrs", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                       classpath=[str(path) for path in JARS.glob("*.jar")])
    return jpype
