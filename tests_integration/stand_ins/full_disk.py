"""A server's disk that is full on command. See full_disk.c."""
import os
import pathlib
import shutil
import subprocess
import tempfile

from harness import janitor
from stand_ins.stand_in import StandIn

SOURCE = pathlib.Path(__file__).with_name("full_disk.c")


class FullDisk(StandIn):
    """Whether the disk is full, for servers that are started with .environment()."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="disk-", dir=janitor.place()))
        os.chmod(self.folder, 0o755)  # the server is another user
        self.flag = self.folder / "full"
        self.preloaded = self.folder / "full_disk.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", self.preloaded, SOURCE, "-ldl"],
                       check=True, env={**os.environ, "TMPDIR": str(self.folder)})

    def environment(self):
        return {"LD_PRELOAD": str(self.preloaded), "FULL_DISK": str(self.flag)}

    def fill(self, part):
        """From now on, for the files that have `part` in their path."""
        ready = self.flag.with_suffix(".new")
        ready.write_text(str(part))
        ready.rename(self.flag)

    def free(self):
        self.flag.unlink(missing_ok=True)

    def stop(self):
        shutil.rmtree(self.folder, ignore_errors=True)
