#!/usr/bin/env python3
"""Makes openapi.json, which is compiled into the monitor, out of openapi.yaml. Needs PyYAML.

With --check it writes nothing, and fails where openapi.json is stale."""
import json
import pathlib
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent


def main():
    document = yaml.safe_load((HERE / "openapi.yaml").read_text())
    made = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    target = HERE / "openapi.json"
    if sys.argv[1:] != ["--check"]:
        target.write_text(made)
    elif target.read_text() != made:
        print("openapi.json is stale: run monitor/api/make_openapi.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
