"""The sink that takes publish requests as fast as it can (bench/publish_sink)."""
import json
import subprocess
import urllib.request

from harness import programs
from harness.emulator import PROJECT


class LocalSink:
    URL = f"pubsub://{PROJECT}/runs"

    def __init__(self, delay_ms=0, latencies=False):
        self.process = subprocess.Popen(
            [programs.bin_dir() / "publish_sink", f"--delay-ms={delay_ms}",
             *(["--latencies"] if latencies else [])], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.pid = self.process.pid

    def environment(self):
        return {"PUBSUB_EMULATOR_HOST": f"127.0.0.1:{self.port}", "PUBSUB_PROJECT_ID": PROJECT}

    def _get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=30) as answer:
            return json.load(answer)

    def counts(self):
        """{requests, messages, bytes, first_at, last_at}; instants in microseconds of the clock."""
        return self._get("counts")

    def latencies(self):
        """Seconds from commit to receipt of each message."""
        return [one / 1e6 for one in self._get("latencies")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
