#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when an #include goes up, or sideways between the stages, or to a module that CMake was not told of.

The order of the house is the order below; a folder may include itself and what stands before it, but only what its own
add_module() names under DEPS (directly or through those). Stages of a poll never include each other.
"""
import pathlib
import re
import sys

ORDER = ["base", "sign", "calendar", "egress/policy", "config", "net", "log", "state", "egress/tunnel", "egress/proxy", "egress/file", "console",
         "poll/fetch/pace", "poll/fetch/pages", "poll/fetch", "poll/transform", "poll/check", "poll/publish", "poll", "schedule", "fixture", "plan", "app", "cli"]
STAGES = {"poll/fetch", "poll/transform", "poll/check", "poll/publish"}
# Folders that do no I/O: they may not see sockets, libcurl or Asio's I/O objects.
PURE = {"base", "sign", "calendar", "egress/policy", "config", "poll/check"}
IO = re.compile(r'#include\s+[<"](boost/asio|boost/beast|curl/)')
INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"', re.M)


def module_of(path: str) -> str | None:
    folder = path.rsplit("/", 1)[0] if "/" in path else ""
    while folder:
        if folder in ORDER:
            return folder
        folder = folder.rsplit("/", 1)[0] if "/" in folder else ""
    return None


def declared(root: pathlib.Path) -> dict[str, set[str]]:
    """For each folder, the folders that its add_module() names, and theirs."""
    by_name, deps = {}, {}
    for folder in ORDER:
        text = (root / "src" / folder / "CMakeLists.txt").read_text()
        call = re.search(r"add_module\((.*?)\)\n", text + "\n", re.S).group(1)
        by_name[re.search(r"NAME\s+(\S+)", call).group(1)] = folder
        deps[folder] = set(re.findall(r"\bpollux_\w+", call)) - {re.search(r"NAME\s+(\S+)", call).group(1)}
    closed: dict[str, set[str]] = {}
    for folder in ORDER:
        closed[folder] = {folder}
        for name in deps[folder]:
            if name in by_name:
                closed[folder] |= closed.get(by_name[name], {by_name[name]})
    return closed


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    allowed = declared(root)
    faults = []
    for file in sorted((root / "src").rglob("*.[ch]pp")):
        relative = file.relative_to(root / "src").as_posix()
        here = module_of(relative)
        if here is None:
            faults.append(f"{relative}: this folder has no place in tools/check_layers.py")
            continue
        test = file.stem.endswith(("_test", "_contract_test")) or file.parent.name == "testdata"
        text = file.read_text()
        if here in PURE and not test and IO.search(text):
            faults.append(f"{relative}: {here} does no I/O, yet includes {IO.search(text).group(1)}")
        for included in INCLUDE.findall(text):
            there = module_of(included)
            if there is None:
                if not (test and included.startswith("tests/")):
                    faults.append(f'{relative}: "{included}" belongs to no folder of the house')
            elif ORDER.index(there) > ORDER.index(here):
                faults.append(f'{relative}: "{included}" goes up, from {here} to {there}')
            elif here in STAGES and there in STAGES and here != there:
                faults.append(f'{relative}: "{included}" goes sideways, from stage {here} to stage {there}')
            elif there not in allowed[here]:
                faults.append(f'{relative}: "{included}": {here} does not name {there} among its DEPS')
    print("\n".join(faults) if faults else f"layers: {len(ORDER)} folders, every #include goes downward")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
