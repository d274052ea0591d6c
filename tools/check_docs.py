#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails where the documents and the tree have drifted apart.

Looks that every folder of the house has its row in ARCHITECTURE.md and every row its folder; that every file and link that a
document names is there; that every `./dev` verb and `pollux` command it shows exists; that docs/operations.md tells of every
kind of error and of every event of the log with its levels; and, given the program, that docs/configuration.md is what its schema says,
and that docs/egress.md has a row for each key of egress.yaml.

usage: check_docs.py [--program build/pollux]
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATH = re.compile(r"^(?:src|apps|tests|tools|docs|examples|bench|fuzz|cmake)/[A-Za-z0-9_./*-]*$")
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def documents() -> list[pathlib.Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True,
                            text=True, check=True)
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).is_file()]


def folders() -> set[str]:
    """Every folder of src that has a module of its own."""
    return {file.parent.relative_to(ROOT).as_posix() for file in (ROOT / "src").rglob("CMakeLists.txt")}


def check_folders() -> list[str]:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rows = re.findall(r"^\| `(src/[^`]+)`", text, re.M)
    faults = [f"ARCHITECTURE.md: {folder} has no row in the table of folders" for folder in sorted(folders() - set(rows))]
    faults += [f"ARCHITECTURE.md: {row} is no folder with a module" for row in rows if row not in folders()]
    faults += [f"ARCHITECTURE.md: {row} has {rows.count(row)} rows" for row in sorted(set(rows)) if rows.count(row) > 1]
    return faults


def exists(base: pathlib.Path, name: str) -> bool:
    return any(base.glob(name)) if "*" in name else (base / name).exists()


def check_paths(document: pathlib.Path) -> list[str]:
    text = document.read_text()
    name = document.relative_to(ROOT)
    faults = [f"{name}: names {path}, which is not there" for path in CODE.findall(text)
              if PATH.match(path) and not exists(ROOT, path)]
    faults += [f"{name}: links to {link}, which is not there" for link in LINK.findall(text)
               if "://" not in link and not link.startswith("mailto:") and not exists(document.parent, link)]
    return faults


def check_words(document: pathlib.Path, verbs: set[str], commands: set[str]) -> list[str]:
    text = document.read_text()
    name = document.relative_to(ROOT)
    shown = re.findall(r"(?:^|[`$ ])\./dev ([a-z]+)", text, re.M)
    faults = [f"{name}: ./dev has no verb {verb}" for verb in shown if verb not in verbs]
    called = re.findall(r"(?:`|\$ |^)(?:build/)?pollux ([a-z]+)(?=[ `\n])", text, re.M)
    return faults + [f"{name}: pollux has no command {word}" for word in called if word not in commands]


def known_verbs() -> set[str]:
    return set(re.search(r"^  ([a-z|]+)\) shift", (ROOT / "dev").read_text(), re.M).group(1).split("|"))


def known_commands() -> set[str]:
    names = re.findall(r'add_subcommand\(\s*"([a-z-]+)"', "".join(f.read_text() for f in (ROOT / "src/cli").glob("*.cpp")))
    return set(names) | {"jq"}


def check_kinds() -> list[str]:
    kinds = re.findall(r'return \{"([a-z_]+)", "', (ROOT / "src/base/result.cpp").read_text())
    rows = re.findall(r"^\| `([a-z_]+)` \|", (ROOT / "docs/operations.md").read_text(), re.M)
    return [f"docs/operations.md: no row for the error kind {kind}" for kind in sorted(set(kinds)) if kind not in rows]


def logged_events() -> set[tuple[str, str]]:
    """Each event with each level that the sources give it; no level where it depends on what happened."""
    events = set()
    for file in [*(ROOT / "src").rglob("*.cpp"), *(ROOT / "src").rglob("*.hpp")]:
        if file.stem.endswith("_test"):
            continue
        text = file.read_text()
        events |= {(event, level.lower()) for level, event in re.findall(r'Event event\{Level::k(\w+),\s*"(\w+)"', text)}
        if file.is_relative_to(ROOT / "src/log"):
            continue
        calls = re.findall(r'logger_?(?:\.|->)(\w+)\(\s*("?)(\w*)', text)
        for level, quote, event in calls:
            if level in ("debug", "info", "warning", "error"):
                events.add((event if quote else f"what {file.relative_to(ROOT)} calls by a name", level))
        events |= {(event, "") for event in re.findall(r'logger_?(?:\.|->)write\(\{\w+, "(\w+)"', text)}
    return events


def check_events() -> list[str]:
    section = re.search(r"^## The log$(.*?)^## ", (ROOT / "docs/operations.md").read_text(), re.M | re.S).group(1)
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]*)\|", section, re.M))
    events = logged_events()
    faults = [f"docs/operations.md: no row for the event {event}" for event in sorted({name for name, _ in events} - set(rows))]
    faults += [f"docs/operations.md: nothing logs the event {event}" for event in rows if event not in dict(events)]
    return faults + [f"docs/operations.md: the event {event} is also of level {level}" for event, level in sorted(events)
                     if event in rows and level not in rows[event]]


def check_configuration(program: pathlib.Path) -> list[str]:
    tool = [sys.executable, ROOT / "tools/make_configuration_doc.py", "--check", "--program", program]
    made = subprocess.run(tool, capture_output=True, text=True, check=False)
    return [] if made.returncode == 0 else [(made.stdout or made.stderr).strip()]


def keys_of(schema: dict, path: str = "") -> list[str]:
    """"clients", "clients.NAME.user", ... of a schema that `pollux schema` prints."""
    keys = []
    for name, below in schema.get("properties", {}).items():
        keys += [path + name, *keys_of(below, f"{path}{name}.")]
    for below in (schema.get("additionalProperties"), *schema.get("patternProperties", {}).values()):
        if isinstance(below, dict):
            keys += keys_of(below, path + "NAME.")
    return keys


def check_egress(program: pathlib.Path) -> list[str]:
    made = subprocess.run([program, "schema", "--egress"], capture_output=True, text=True, check=True)
    keys = set(keys_of(json.loads(made.stdout)))
    rows = set(re.findall(r"^\| `([^`]+)` \| [A-Z`]", (ROOT / "docs/egress.md").read_text(), re.M))
    return ([f"docs/egress.md: no row for the key {key}" for key in sorted(keys - rows)] +
            [f"docs/egress.md: {row} is no key of egress.yaml" for row in sorted(rows - keys) if not row.startswith("pollux_")])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, help="the built pollux, whose schema docs/configuration.md must match")
    arguments = parser.parse_args()
    faults = check_folders() + check_kinds() + check_events()
    verbs, commands = known_verbs(), known_commands()
    for document in documents():
        faults += check_paths(document)
        # Decisions and the changelog may tell of what is not yet, or no longer, there.
        if "decisions" not in document.parts and document.name != "CHANGELOG.md":
            faults += check_words(document, verbs, commands)
    if arguments.program:
        faults += check_configuration(arguments.program.resolve())
        faults += check_egress(arguments.program.resolve())
    print("\n".join(faults) if faults else f"docs: {len(documents())} documents agree with the tree")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
