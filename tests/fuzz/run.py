#!/usr/bin/env python3
"""Runs the fuzz targets one after another and prints one line for each.

    tests/fuzz/run.py BUILD_DIR [--seconds 600] [TARGET...]

A target begins with its named seeds and what earlier runs of this build folder found worth keeping.
A finding (crash, undefined behaviour, leak, time or memory out of bounds, a statement of the target
that does not hold) is written to BUILD_DIR/fuzz/findings/TARGET and makes the exit code 1: give it
a name and put it into tests/fuzz/corpus/TARGET together with its mending.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import time

INPUT_SECONDS_MAX = 10
MEMORY_MIB_MAX = 1024


def targets_of(build):
    return sorted(path.stem for path in (build / 'tests/fuzz').glob('*.seeds'))


def figure(log, pattern):
    found = re.findall(pattern, log)
    return int(found[-1]) if found else 0


def run(build, target, seconds):
    """The line to print, and whether nothing was found."""
    home = build / 'fuzz'
    corpus, findings = home / 'corpus' / target, home / 'findings' / target
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    seeds = (build / f'tests/fuzz/{target}.seeds').read_text().split('\n')
    command = [build / f'tests/fuzz/fuzz_{target}', corpus, *filter(None, seeds),
               f'-artifact_prefix={findings}/', f'-max_total_time={seconds}',
               f'-timeout={INPUT_SECONDS_MAX}', f'-rss_limit_mb={MEMORY_MIB_MAX}',
               '-print_final_stats=1', '-verbosity=1']
    words = pathlib.Path(__file__).parent / f'{target}.dict'
    if words.exists():
        command.append(f'-dict={words}')
    started = time.monotonic()
    log_file = home / f'{target}.log'
    with log_file.open('w') as log:
        code = subprocess.run([str(part) for part in command], stdout=log,
                              stderr=subprocess.STDOUT, check=False).returncode
    log = log_file.read_text(errors='replace')
    executions = figure(log, r'stat::number_of_executed_units:\s*(\d+)')
    edges, features = figure(log, r'cov: (\d+)'), figure(log, r'ft: (\d+)')
    memory = figure(log, r'stat::peak_rss_mb:\s*(\d+)')
    line = (f'{target:15} {time.monotonic() - started:6.0f} s {executions:>12,} executions '
            f'{edges:>6} edges {features:>6} features {memory:>5} MiB  ')
    return line + ('clean' if code == 0 else f'FINDING, see {log_file} and {findings}'), code == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('targets', nargs='*')
    parser.add_argument('--seconds', type=int, default=60, help='for each target (60)')
    arguments = parser.parse_intermixed_args()
    build = arguments.build.resolve()
    targets = arguments.targets or targets_of(build)
    if not targets:
        sys.exit(f'{build} has no fuzz targets: cmake --preset fuzz')
    clean = True
    for target in targets:
        line, fine = run(build, target, arguments.seconds)
        print(line, flush=True)
        clean = clean and fine
    sys.exit(0 if clean else 1)


if __name__ == '__main__':
    main()
