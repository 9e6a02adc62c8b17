#!/usr/bin/env python3
"""The whole of walpulse on one machine, with real parts.

A private PostgreSQL with Mage's tables, a simulator that writes runs the way Mage does, the
connector, Google's Pub/Sub emulator where it is installed (else the connector pushes straight to
the monitor), and the monitor. Ctrl-C, or --seconds, ends it with a table that lays the monitor's
counters beside what the database knows. Exit 0 when they are equal, 1 when not. SIGTERM and SIGHUP
end it at once, without the table. Whatever ends it, nothing of it is left (harness/janitor.py).
"""
import argparse
import contextlib
import os
import pathlib
import signal
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests_integration"))
sys.dont_write_bytecode = True

import summary  # noqa: E402
from harness import emulator, janitor, metrics  # noqa: E402
from harness.postgres import Postgres, free_port  # noqa: E402
from harness.programs import Program, fetch, run, wait_until  # noqa: E402

DATABASE = "mage-db"  # as Mage's own Terraform names it: with a hyphen
SETTLE = "1s"         # durations, queue times and skips need not wait for what comes late
HISTORY = "2d"
RULES = pathlib.Path(__file__).with_name("rules.toml")


def say(text):
    print(f"demo: {text}", flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin", default=str(ROOT / "build/release/bin"), help="the programs")
    parser.add_argument("--seconds", type=float, help="end after this time; else Ctrl-C ends it")
    parser.add_argument("--sink", choices=["pubsub", "push"],
                        help="default: pubsub where Google's emulator is installed")
    parser.add_argument("--pipelines", type=int, default=10, help="pipelines (10)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the simulator")
    return parser.parse_args()


def must(done, what):
    """The output of a program that has to succeed."""
    if done.returncode != 0:
        raise RuntimeError(f"{what} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    return done.stdout


class Demo:
    """The running parts; leaving the `with` stops all of them, last started first."""

    def __init__(self, options, stack):
        self.options = options
        self.folder = stack.enter_context(janitor.folder("demo-"))
        say("starting a private PostgreSQL with Mage's tables")
        self.postgres = stack.enter_context(Postgres())
        self.postgres.psql(f'CREATE DATABASE "{DATABASE}"')
        self.env = {"WALPULSE_DSN": self.postgres.dsn(DATABASE)}
        must(run("mage_sim", "init", env=self.env), "mage_sim init")
        self.start_flow(stack)

    def program(self, stack, name, *args):
        program = Program(name, *args, env=self.env)
        stack.callback(program.stop)
        return program

    def start_flow(self, stack):
        port, connector_port = free_port(), free_port()
        self.monitor_url = f"http://127.0.0.1:{port}"
        self.connector_url = f"http://127.0.0.1:{connector_port}"
        intake = []
        if self.options.sink == "pubsub":
            say("starting Google's Pub/Sub emulator")
            pubsub = stack.enter_context(emulator.Emulator(flags=emulator.SHORT_LIVED))
            self.env.update(pubsub.environment())
            to = pubsub.create_topic("pipeline-runs")
            intake = ["--subscription",
                      pubsub.create_subscription("walpulse-monitor", "pipeline-runs")]
        else:
            to = f"{self.monitor_url}/push"
        say(f"events travel by {'Pub/Sub: ' + to if intake else 'direct push: ' + to}")
        self.monitor = self.program(
            stack, "walpulse-monitor", "serve", "--ledger", f"sqlite:{self.folder}/ledger.db",
            "--http-address", "127.0.0.1", "--http-port", port, "--settle", SETTLE,
            "--rules", RULES, *intake)
        self.wait_ready(self.monitor, self.monitor_url)
        say(f"the page is {self.monitor_url}/  and the metrics {self.monitor_url}/metrics")
        for line in must(run("walpulse-connector", "setup", env=self.env), "setup").splitlines():
            if not line.startswith("next"):  # what to run against this server, which is gone soon
                say(f"setup: {line}")
        limit = ["--duration", f"{self.options.seconds}s"] if self.options.seconds else []
        self.simulator = self.program(
            stack, "mage_sim", "run", "--scenario", "story", "--history", HISTORY,
            "--pipelines", self.options.pipelines, "--seed", self.options.seed, *limit)
        self.tell_story()
        # Behind the history: as it reads it, it knows that it reads the past.
        self.connector = self.program(
            stack, "walpulse-connector", "run", "--to", to, "--label", "partner=variables.partner",
            "--heartbeat", "1s", "--http-address", "127.0.0.1", "--http-port", connector_port)
        self.wait_ready(self.connector, self.connector_url)
        say(f"connector  {self.connector_url}/health   {self.connector_url}/metrics")

    def wait_ready(self, program, url):
        def ready():
            if not program.running():
                raise RuntimeError(f"{program.name} ended:\n{program.text()}")
            return fetch(f"{url}/readiness")[0] == 200
        wait_until(ready, 30, lambda: f"{program.name} is ready\n{program.text()}")

    def tell_story(self):
        """Waits until the history has been written."""
        say("writing two days of a company's runs, as Mage would have")
        wait_until(lambda: "the history is written" in self.simulator.text()
                   or not self.simulator.running(), 120, self.simulator.text)
        say(next((line for line in self.simulator.text().splitlines() if "history" in line),
                 "the simulator has ended").removeprefix("mage_sim: "))

    def watch(self):
        """Shows the live summary until the simulator ends."""
        rates, began, drawn, tty = summary.Rates(), time.monotonic(), 0, sys.stdout.isatty()
        while self.simulator.running():
            time.sleep(0.5 if tty else 5 if drawn else 1)
            self.check_alive()
            series = metrics.parse(fetch(f"{self.monitor_url}/metrics")[1])
            own = metrics.parse(fetch(f"{self.connector_url}/metrics")[1])
            lines = summary.live_lines(series, *rates.look(series),
                                       summary.total(own, "walpulse_connector_lag_bytes"),
                                       time.monotonic() - began)
            if tty and drawn:
                print(f"\x1b[{drawn}A\x1b[J", end="")
            print("\n".join(lines), flush=True)
            drawn = len(lines)

    def check_alive(self):
        for program in (self.monitor, self.connector):
            if not program.running():
                raise RuntimeError(f"{program.name} ended by itself:\n{program.text()}")

    def compare(self):
        """The final table, once everything under way has arrived; True when all is equal."""
        truth = metrics.parse_truth(must(run("mage_sim", "truth", "--json", env=self.env),
                                         "mage_sim truth"))
        deadline = time.monotonic() + 30
        while True:
            monitor = metrics.parse(fetch(f"{self.monitor_url}/metrics")[1])
            differing = metrics.differences(truth, monitor)
            if not differing or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        rows = metrics.compare(truth, monitor)
        print("\n".join(summary.final_lines(rows)), flush=True)
        if differing:
            say(f"{len(differing)} of {len(rows)} series DIFFER from the database")
        else:
            say(f"all {len(rows)} series equal what the database knows")
        return not differing


class Ended(BaseException):
    """By a signal: at once, and as that signal ends a process."""

    def __init__(self, number):
        self.number = number


def spare_the_cleaning():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def end_by_signals():
    """SIGTERM and, where nobody asked to be spared it (nohup), SIGHUP."""
    def ended(number, _):
        spare_the_cleaning()
        raise Ended(number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, ended)


def die_by(number):
    """What make and shells take for what it is: no failure, an end from outside."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def choose_sink(options):
    why = emulator.problem()
    if why and options.sink == "pubsub":
        raise RuntimeError(why)
    if why and options.sink is None:
        say(f"without Pub/Sub, the connector pushes to the monitor. {why}")
    options.sink = options.sink or ("push" if why else "pubsub")


def show(options, stack):
    """From the start to the table; the exit code."""
    demo = Demo(options, stack)
    try:
        demo.watch()
    except KeyboardInterrupt:
        print()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not spare the cleaning
    demo.simulator.stop()
    say("the simulator has ended; waiting until everything has arrived")
    equal = demo.compare()
    for program in (demo.connector, demo.monitor):
        code = program.stop()
        say(f"{program.name} stopped with exit code {code}")
        equal = equal and code == 0
    return 0 if equal else 1


def main():
    options = arguments()
    os.environ["WALPULSE_BIN"] = options.bin
    janitor.hire()
    end_by_signals()
    number = code = None
    with contextlib.ExitStack() as stack:
        try:
            choose_sink(options)
            code = show(options, stack)
        except KeyboardInterrupt:  # while it was starting
            number = signal.SIGINT
        except Ended as ended:
            number = ended.number
        except BrokenPipeError:  # nobody reads any more: demo | head
            number = signal.SIGPIPE
        finally:
            spare_the_cleaning()
            janitor.dismiss()  # whatever still runs stops side by side
    with contextlib.suppress(OSError):  # the terminal may be gone
        say("everything is stopped and removed")
    if number:
        die_by(number)
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, AssertionError) as error:
        sys.exit(f"demo: {error}")
