#!/usr/bin/env python3
"""Checks who may include whom, and that a foreign header stays in the files that own it.

The data flows WAL -> connector -> decoder -> publisher -> Pub/Sub -> monitor; includes follow
CONTRIBUTING.md, "Layers". Prints every offending line and exits 1.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# A module may include itself and these.
LAYERS = {
    "decoder/schema": [],
    "decoder": ["decoder/schema"],
    "publisher/gcp": ["decoder/schema"],
    "publisher": ["publisher/gcp", "decoder/schema"],
    "connector/stream": ["decoder", "decoder/schema"],
    "connector/progress": ["decoder/schema"],
    "connector/catalog": ["decoder/schema"],
    "connector/options": ["connector/catalog", "decoder/schema", "publisher/gcp"],
    "connector/capture": ["connector/stream", "connector/catalog", "connector/options", "decoder",
                          "decoder/schema", "publisher", "publisher/gcp"],
    "connector/snapshot": ["connector/capture", "connector/stream", "connector/catalog",
                           "connector/options", "connector/progress", "decoder", "decoder/schema",
                           "publisher", "publisher/gcp"],
    "connector/command": ["connector/catalog", "connector/options", "decoder/schema", "publisher",
                          "publisher/gcp"],
    "connector/recover": ["connector/command", "connector/snapshot", "connector/capture",
                          "connector/stream", "connector/catalog", "connector/options",
                          "decoder/schema", "publisher"],
    "connector/replay": ["connector/capture", "connector/catalog", "connector/options",
                         "connector/progress", "connector/stream", "decoder", "decoder/schema",
                         "publisher", "publisher/gcp"],
    "connector": ["connector/recover", "connector/capture", "connector/command", "connector/replay",
                  "connector/snapshot", "connector/options", "publisher/gcp"],
    "monitor/ledger": ["decoder/schema", "publisher/gcp"],
    "monitor/storage": ["monitor/ledger", "decoder/schema", "publisher/gcp"],
    "monitor/intake": ["monitor/ledger", "decoder/schema", "publisher/gcp"],
    "monitor/keeping": ["monitor/ledger", "decoder/schema", "publisher/gcp"],
    "monitor/options": ["decoder/schema", "publisher/gcp"],
    "monitor/export": ["monitor/ledger", "monitor/options", "decoder/schema", "publisher/gcp"],
    "monitor": ["monitor/ledger", "monitor/storage", "monitor/intake", "monitor/options",
                "monitor/export", "monitor/keeping", "decoder/schema", "publisher/gcp"],
    "bench": ["decoder", "decoder/schema", "publisher", "publisher/gcp", "monitor/ledger",
              "monitor/storage"],
}

# What a connection string is, and how a session begins, is the same for both programs.
SHARED = {"connector/catalog/dsn.h": ["monitor/storage", "monitor/options", "monitor", "connector"],
          "connector/catalog/session_settings.h": ["monitor/storage", "connector/stream"]}

# The publisher carries messages; the log's own types are none of its business.
WAL_TYPES = ["decoder/schema/types.h", "decoder/schema/change_event.h"]

# One foreign header, few files: the ones that translate its errors and types into ours.
OWNERS = {
    r"libpq-fe\.h": ["connector/stream/pq_session", "connector/stream/snapshot_stream",
                     "connector/stream/connection_parameters", "connector/stream/server_address",
                     "connector/replay/slot_batches", "connector/catalog/dsn"],
    r"pqxx/.*": ["connector/catalog/sql_session", "monitor/storage/postgres_database", "bench/"],
    r"sqlite3\.h": ["monitor/storage/sqlite"],
    r"curl/curl\.h": ["publisher/gcp/http_client"],
    r"microhttpd\.h": ["publisher/gcp/http_server"],
    r"openssl/.*": ["publisher/gcp/jwt"],
    r"toml\+\+/.*": ["publisher/gcp/config_file"],
    r"CLI/.*": ["connector/options/options", "monitor/options/options", "bench/"],
    r"nlohmann/json\.hpp": [".cpp"],
    r"spdlog/.*": ["decoder/schema/logging", "publisher/gcp/log"],
}


def module_of(path):
    """The longest module whose folder holds `path`."""
    text = str(path)
    best = [m for m in LAYERS if text.startswith(m + "/")]
    return max(best, key=len) if best else None


def offences(path):
    module = module_of(path)
    for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
        ours = re.match(r'#include "([^"]+)"', line)
        if ours:
            target = module_of(ours[1])
            if module in SHARED.get(ours[1], []):
                continue
            if module == "bench" and ours[1].startswith("tests/"):
                continue
            if target is None:
                yield number, f"{ours[1]}: write the path from the top of the project"
            elif target != module and target not in LAYERS[module]:
                yield number, f"{module} may not include {target} ({ours[1]})"
            elif module == "publisher" and ours[1] in WAL_TYPES:
                yield number, f"the publisher never sees WAL types ({ours[1]})"
        theirs = re.match(r"#include <([^>]+)>", line)
        if theirs:
            for header, owners in OWNERS.items():
                if re.fullmatch(header, theirs[1]) and not any(o in str(path) for o in owners):
                    yield number, f"<{theirs[1]}> belongs to {', '.join(owners)}"


def main():
    count, files = 0, 0
    for module in LAYERS:
        for path in sorted((ROOT / module).rglob("*")):
            relative = path.relative_to(ROOT)
            if path.suffix not in (".h", ".cpp") or module_of(relative) != module:
                continue
            files += 1
            for number, reason in offences(relative):
                print(f"{relative}:{number}: {reason}")
                count += 1
    print(f"layers: {files} files, {count} offences")
    if files == 0:
        print("layers: nothing was read: is this the project's folder?")
    return 1 if count or not files else 0


if __name__ == "__main__":
    sys.exit(main())
