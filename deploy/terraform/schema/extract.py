#!/usr/bin/env python3
"""Writes google.json: what the Google provider takes, for the resources that this module uses.

The provider itself comes only from registry.terraform.io. Its schema is published once more as the
typed bindings of npm's @cdktf/provider-google, generated from `terraform providers schema -json`:

  npm pack @cdktf/provider-google@16.12.1 && tar xzf cdktf-provider-google-16.12.1.tgz
  python3 extract.py package > google.json

A block is {"attributes": {name: {"type", "required"}}, "blocks": {name: {"required", "list", ...}}}.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ATTRIBUTE = re.compile(
    r"^ {8,12}(?P<name>\w+): \{\n"
    r"\s+value: (?P<value>.*),\n"
    r"\s+isBlock: (?P<block>true|false),\n"
    r'\s+type: "(?P<kind>\w+)",\n'
    r'\s+storageClassType: "(?P<storage>\w+)",\n',
    re.M,
)
TYPES = {
    "string": "string", "number": "number", "boolean": "bool", "stringList": ["list", "string"],
    "numberList": ["list", "number"], "stringMap": ["map", "string"], "numberMap": ["map", "number"],
    "booleanMap": ["map", "bool"],
}  # fmt: skip


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


class Binding:
    """The bindings of one resource or data source: index.js says how, index.d.ts what is required."""

    def __init__(self, folder):
        self.code = (folder / "index.js").read_text().split("//# sourceMappingURL")[0]
        self.types = (folder / "index.d.ts").read_text()
        self.name = re.search(r'\.tfResourceType = "(\w+)"', self.code).group(1)
        self.version = re.search(r"providers/hashicorp/google/([\d.]+)/docs", self.types).group(1)

    def required(self, interface):
        """The fields of an interface without a question mark; None for one that does not exist."""
        body = re.search(rf"export interface {interface}\b[^{{]*{{(.*?)^}}", self.types, re.M | re.S)
        fields = re.findall(r"^    readonly (\w+)(\??):", body.group(1), re.M)
        return {name for name, optional in fields if not optional}

    def block(self, text, interface):
        required = self.required(interface)
        attributes, blocks = {}, {}
        for found in ATTRIBUTE.finditer(text):
            name, value = found["name"], found["value"]
            must = camel(name) in required
            if found["block"] == "false" and found["storage"] in TYPES:
                attributes[name] = {"type": TYPES[found["storage"]], "required": must}
                continue
            if found["block"] == "false":  # an attribute of objects
                attributes[name] = {"type": "dynamic", "required": must}
                continue
            function = re.search(r"(\w+)ToHclTerraform", value).group(1)
            body = re.search(
                rf"^function {function}ToHclTerraform\(.*?^}}", self.code, re.M | re.S
            ).group(0)
            nested = self.block(body, function[0].upper() + function[1:])
            many = "listMapperHcl" in value
            blocks[name] = {"required": must, "list": many, "struct": found["kind"] == "struct"} | nested
        return {"attributes": attributes, "blocks": blocks}

    def schema(self):
        start = self.code.index("synthesizeHclAttributes()")
        stem = re.search(r"export interface (\w+)Config extends", self.types).group(1)
        top = self.block(self.code[start:], stem + "Config")
        computed = set(re.findall(r"^\s+// (\w+) - computed: true", self.code, re.M))
        top["computed"] = sorted(computed - set(top["attributes"]) - set(top["blocks"]))
        return top


def main():
    library = pathlib.Path(sys.argv[1]) / "lib"
    wanted = (HERE / "used.txt").read_text().split()
    out = {"source": None, "resources": {}, "data": {}}
    for name in wanted:
        kind, bare = name.split(".")
        stem = bare.removeprefix("google_").replace("_", "-")
        folder = library / (f"data-google-{stem}" if kind == "data" else stem)
        binding = Binding(folder)
        assert binding.name == bare, (binding.name, bare)
        out["data" if kind == "data" else "resources"][bare] = binding.schema()
        package = json.loads((library.parent / "package.json").read_text())
        out["source"] = (
            f"hashicorp/google {binding.version}, from npm {package['name']} {package['version']}"
        )
    json.dump(out, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
