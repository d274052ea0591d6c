#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the key by key part of docs/configuration.md from what `pollux schema` prints.

The introduction above the mark is written by hand and stays. The grammar of a value is told in words where WORDS knows
its pattern, else as the pattern itself, so that a new kind of value is never left out.

usage: make_configuration_doc.py [--program build/pollux] [--check]
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOC = ROOT / "docs/configuration.md"
MARK = "<!-- From here on written by tools/make_configuration_doc.py. Change the descriptions in src/config instead. -->"

# The first whose piece stands in the pattern gives the words.
WORDS = [
    (r"[0-9]{1,9}ms)?\.\.", "two durations, such as `500ms..30s`"),
    ("[0-9]{1,9}ms", "a duration, such as `500ms`, `30s`, `5m`, `1h30m`, `1d`"),
    ("KiB|MiB", "a size, such as `512KiB`, `64MiB`, `1GiB`"),
    ("[Jj][Aa][Nn]", "a cron expression of five fields, such as `\"*/5 8-20 * * MON-FRI\"`, or `@hourly`, `@daily`, ..."),
    (r"^(?:\*|[hH][tT][tT][pP]", "an origin, such as `https://www.example.gov`, or `*`"),
    ("|socks5h)://", "`http://`, `https://` or `socks5h://`, user and password if need be, host, port; or an empty text"),
    (r"(?:\?(?:", "an `http://` or `https://` address; it may have a query"),
    ("[hH][tT][tT][pP]", "an `http://` or `https://` address without user, query or fragment"),
    (r"_status\.json", "a path with `/` between its parts, at most 900 characters; no part may be empty, `.` or `..`; not `_status.json`"),
    ("{1,500}$)(?!", "the front of a path, at most 500 characters, such as `1.0/`"),
    ("[A-Za-z0-9._-]*):)?[0-9]{1,5}$", "`HOST:PORT`, `[ADDRESS]:PORT`, or a port alone (then on 127.0.0.1)"),
    ("^[A-Za-z0-9][A-Za-z0-9._-]{1,253}", "3 to 255 letters, digits, `.`, `_`, `-`"),
    ("[A-Za-z0-9._-]{1,64}$", "a word of letters, digits, `.`, `_`, `-`, at most 64"),
    ("[A-Za-z0-9_.-]{0,99}$", "a name: a letter or `_`, then letters, digits, `_`, `.`, `-`, at most 100"),
    ("[A-Za-z0-9_]{0,99}$", "a name: a letter or `_`, then letters, digits, `_`, at most 100"),
    ("^[A-Za-z][A-Za-z0-9_+/-]*$", "a name of the tz database, such as `America/New_York`"),
    (r"^[^\x00\r\n]+$", "a text in one line"),
    (r"^[^\x00\r\n]*$", "a text in one line, or an empty one"),
    (r"[^ \t\r\n]", "a text that is not blank"),
    ("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "the name of an HTTP header"),
]


def words(pattern: str) -> str:
    if pattern == r"\S":
        return "a text, in one line or several"
    for piece, text in WORDS:
        if piece in pattern:
            return text
    return f"a text that matches `{pattern}`" if len(pattern) < 80 else "a text; `pollux schema` has its pattern"


def target(schema: dict) -> str:
    return schema.get("$ref", "").rsplit("/", 1)[-1]


def alternatives(schema: dict) -> list[dict]:
    """What a value may be, without the forms that all values share: ${...}, and numbers taken as texts."""
    out = []
    for one in schema.get("anyOf", [schema]):
        if target(one) in ("varied", "text") and "anyOf" in schema:
            continue
        if one.get("type") == ["number", "boolean"]:
            continue
        out.append(one)
    return out


def kind(schema: dict) -> str:
    if schema.get("not") == {}:
        return "refused"
    return "; or ".join(dict.fromkeys(filter(None, (kind_of_one(one) for one in alternatives(schema)))))


def kind_of_one(one: dict) -> str:
    if "anyOf" in one:
        return kind(one)
    if target(one) in ("template", "template_value"):
        return "a text" if target(one) == "template" else "any value"
    if target(one):
        return "any value"
    if "enum" in one:
        return " or ".join(f"`{word}`" for word in one["enum"])
    for part in one.get("allOf", [one]):
        if target(part) in ("value", "template_value"):
            return "any value"
        if "pattern" in part:
            return words(part["pattern"])
    match one.get("type"):
        case "boolean":
            return "`true` or `false`"
        case "integer":
            return f"a whole number from {one['minimum']} to {one['maximum']}"
        case "array":
            return "a list, each: " + kind(one["items"])
        case "object":
            return kind_of_map(one)
    return ""


def kind_of_map(one: dict) -> str:
    if "properties" in one:
        return "a map, see below"
    inner = one.get("additionalProperties")
    if not isinstance(inner, dict):
        return "a map"
    if any("properties" in part for part in alternatives(inner)):
        return "a map by name, see below"
    size = " of exactly one" if one.get("maxProperties") == 1 else ""
    return f"a map{size}, each value: {kind(inner)}"


def default(description: str) -> tuple[str, str]:
    """The description without its "Default ...", and what stood there."""
    found = re.search(r"\s*Default:? ([^;]*?)(\.(?=\s|$)|(?=;))", description)
    if not found:
        return description, ""
    text = found.group(1)
    before, after = description[:found.start()].rstrip(), description[found.end():].lstrip(" ;")
    rest = f"{before.rstrip('.')}; {after}" if before and after else before + after
    return rest, f"`{text}`" if " " not in text else text


def escaped(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")


def conditions(shape: dict) -> list[str]:
    """What the keys demand of each other, one sentence each."""
    lines = []
    for rule in shape.get("allOf", [shape]):
        names = [name for one in rule.get("oneOf", []) for name in one.get("required", [])]
        if names:
            lines.append("Exactly one of " + ", ".join(f"`{name}`" for name in names) + ".")
        for name, needs in rule.get("dependencies", {}).items():
            if needs.get("required"):
                lines.append(f"`{name}` only with " + " and ".join(f"`{need}`" for need in needs["required"]) + ".")
    return [" ".join(lines), ""] if lines else []


def table(shape: dict) -> list[str]:
    lines = conditions(shape) + ["| key | | value | default |", "|---|---|---|---|"]
    for name, schema in shape["properties"].items():
        text, otherwise = default(schema.get("description", ""))
        if name in shape.get("required", []):
            otherwise = "**required**"
        lines.append(f"| `{name}` | {escaped(text)} | {escaped(kind(schema))} | {escaped(otherwise)} |")
    return lines


def shapes_in(schema: dict, path: str) -> list[tuple[str, dict]]:
    """Each map with named keys that stands directly in a value, with the path to it."""
    out = []
    for one in alternatives(schema):
        if "properties" in one:
            out.append((path, one))
        elif one.get("type") == "array":
            out += shapes_in(one["items"], path)
        elif isinstance(one.get("additionalProperties"), dict):
            out += shapes_in(one["additionalProperties"], path + ".NAME")
    return out


def sections(shape: dict, path: str, seen: list[tuple[str, dict]]) -> list[str]:
    lines = []
    for name, schema in shape["properties"].items():
        below = f"{path}.{name}" if path else name
        for inner_path, inner in shapes_in(schema, below):
            same = next((at for at, known in seen if known == inner), None)
            if same == inner_path:
                continue
            if same:
                lines += ["", f"### `{inner_path}`", "", f"As `{same}`."]
                continue
            seen.append((inner_path, inner))
            lines += ["", f"### `{inner_path}`", ""] + table(inner)
            lines += sections(inner, inner_path, seen)
    return lines


def made(program: pathlib.Path) -> str:
    printed = subprocess.run([program, "schema"], capture_output=True, text=True, check=True).stdout
    schema = json.loads(printed)
    lines = [MARK, "", "## Every key", "", "### The top", ""] + table(schema) + sections(schema, "", [])
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/pollux")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is not what would be written")
    arguments = parser.parse_args()
    before = DOC.read_text()
    if MARK not in before:
        sys.exit(f"{DOC.name}: the mark is gone: {MARK}")
    after = before[:before.index(MARK)] + made(arguments.program)
    if arguments.check:
        print(f"{DOC.name}: {'as it should be' if before == after else 'stale: run tools/make_configuration_doc.py'}")
        return 0 if before == after else 1
    DOC.write_text(after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
