"""The wall clock of some programs, which jumps on command. libfaketime plays it; the monotonic clock
is left as it is."""
import glob

REMEDY = "libfaketime was not found: install Debian's package faketime (make setup)"


class Clock:
    def __init__(self, folder):
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        assert found, REMEDY
        self.preloaded, self.file = found[0], folder / "clock"
        self.jump("+0")

    def jump(self, offset):
        self.file.write_text(offset + "\n")

    def environment(self):
        return {"LD_PRELOAD": self.preloaded, "FAKETIME_TIMESTAMP_FILE": str(self.file),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
