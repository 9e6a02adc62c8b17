"""Google's own Pub/Sub emulator: finding it, starting it, and the few REST calls to set it up.

Standard library only. `python3 -m harness.emulator`, in tests_integration/, prints the jar's path, or
what is missing and how to get it. Exit codes: 0 it can be started, 1 something is not installed, 78
PUBSUB_EMULATOR_JAR is wrong.
"""
import base64
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile

from harness import janitor
from harness.postgres import free_port

PROJECT = "walpulse-local"  # the emulator wants six characters or more
VARIABLE = "PUBSUB_EMULATOR_JAR"
MAIN = "com/google/cloud/pubsub/testing/v1/Main.class"

NO_EMULATOR = ("Google's Pub/Sub emulator is not installed: 'make setup' fetches Google's Debian package "
               "google-cloud-cli-pubsub-emulator; or run 'gcloud components install pubsub-emulator', or "
               f"set {VARIABLE} to a cloud-pubsub-emulator-*.jar")
# For one that lives for a file of tests: what Java would spend on its best machine code it never gets back. Half
# the CPU for 6,000 messages.
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
NO_JAVA = ("Google's Pub/Sub emulator needs a Java runtime, and there is no 'java' in the PATH: 'make setup' "
           "installs Debian's package default-jre-headless")
NO_FILE = (f"{VARIABLE}={{}} names no file that can be read: correct it, or unset it to use the emulator "
           "that is installed")
NO_EMULATORS_JAR = (f"{VARIABLE}={{}} is not the Pub/Sub emulator: it must be a "
                    "cloud-pubsub-emulator-*.jar, as in platform/pubsub-emulator/lib of the Google Cloud "
                    "SDK; correct it, or unset it to use the emulator that is installed")


def wrong_choice():
    """What is wrong with PUBSUB_EMULATOR_JAR, or None."""
    chosen = os.environ.get(VARIABLE)
    if not chosen:
        return None
    try:
        with zipfile.ZipFile(chosen) as jar:
            return None if MAIN in jar.namelist() else NO_EMULATORS_JAR.format(chosen)
    except zipfile.BadZipFile:
        return NO_EMULATORS_JAR.format(chosen)
    except OSError:
        return NO_FILE.format(chosen)


def find_jar():
    """The emulator's jar, or None."""
    if chosen := os.environ.get(VARIABLE):
        return None if wrong_choice() else chosen
    roots = ["/usr/lib/google-cloud-sdk", "/opt/google-cloud-sdk", "/usr/local/google-cloud-sdk",
             "/snap/google-cloud-cli/current", os.path.expanduser("~/google-cloud-sdk")]
    gcloud = shutil.which("gcloud")
    if gcloud:
        roots.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(gcloud))))
    for root in roots:
        jars = glob.glob(f"{root}/platform/pubsub-emulator/lib/cloud-pubsub-emulator-*.jar")
        if jars:
            return sorted(jars)[-1]
    return None


def problem():
    """Why it cannot be started, and the remedy, in one sentence; None where it can."""
    if wrong := wrong_choice():
        return wrong
    if not find_jar():
        return NO_EMULATOR
    return None if shutil.which("java") else NO_JAVA


class Emulator:
    """One emulator on a free loopback port, for the project PROJECT."""

    def __init__(self, memory="768m", flags=()):
        if why := problem():
            raise RuntimeError(why)
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.log = janitor.log_file("emulator-")
        self.process = subprocess.Popen(
            ["java", f"-Xmx{memory}", f"-Djava.io.tmpdir={janitor.place()}", "-XX:-UsePerfData",
             *flags, "-jar",
             find_jar(), "--host=127.0.0.1", f"--port={self.port}"],
            stdout=self.log, stderr=self.log, start_new_session=True)
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"http://{self.host}/", timeout=2).read()
                return
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
        with open(self.log.name) as log:
            raise RuntimeError(f"the Pub/Sub emulator did not start:\n{log.read()[-2000:]}")

    def call(self, method, path, body=None):
        """One REST call below /v1/projects/PROJECT/; returns the parsed answer."""
        request = urllib.request.Request(
            f"http://{self.host}/v1/projects/{PROJECT}/{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"{}")

    def create_topic(self, topic):
        self.call("PUT", f"topics/{topic}", {})
        return f"pubsub://{PROJECT}/{topic}"

    def create_subscription(self, subscription, topic, push=None, ordered=False, ack_seconds=60):
        body = {"topic": f"projects/{PROJECT}/topics/{topic}", "ackDeadlineSeconds": ack_seconds}
        if push:
            body["pushConfig"] = {"pushEndpoint": push}
        if ordered:
            body["enableMessageOrdering"] = True
        self.call("PUT", f"subscriptions/{subscription}", body)
        return f"projects/{PROJECT}/subscriptions/{subscription}"

    def pull(self, subscription, count=1000):
        """Pulls and acknowledges; messages as dicts whose `data` is bytes."""
        answer = self.call("POST", f"subscriptions/{subscription}:pull",
                           {"maxMessages": count, "returnImmediately": True})
        received = answer.get("receivedMessages", [])
        if received:
            self.call("POST", f"subscriptions/{subscription}:acknowledge",
                      {"ackIds": [one["ackId"] for one in received]})
        messages = [one["message"] for one in received]
        for message in messages:
            message["data"] = base64.b64decode(message.get("data", ""))
        return messages

    def environment(self):
        return {"PUBSUB_EMULATOR_HOST": self.host, "PUBSUB_PROJECT_ID": PROJECT}

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


if __name__ == "__main__":
    print(problem() or find_jar())
    sys.exit(78 if wrong_choice() else 1 if problem() else 0)
