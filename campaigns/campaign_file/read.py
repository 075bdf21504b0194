"""Bytes to a tree of dicts, lists and texts. Every scalar is a text: its key says what it means, never its looks."""

import json
import os
import re

import yaml

MAX_BYTES = 10 * 2**20
MAX_DEPTH = 30
# What PostgreSQL cannot store, and what no text needs.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Unreadable(Exception):
    """The file is not a campaign file at all; args are the faults, each with its place."""


def read_file(path):
    """Return the tree of a .yaml, .yml or .json file; Unreadable names every fault of its form."""
    name = os.path.basename(path)
    try:
        size = os.stat(path).st_size
        if size > MAX_BYTES:
            raise Unreadable(f"{name}: has {size:,} bytes; a campaign file has at most {MAX_BYTES:,}")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror}") from None
    try:
        return read_bytes(data, is_json=name.endswith(".json"))
    except Unreadable as error:
        raise Unreadable(*(f"{name}: {fault}" for fault in error.args)) from None


def read_bytes(data, *, is_json=False):
    """Return the tree of a file's bytes."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable(f"line {line}: is not UTF-8 text") from None
    tree, faults = _json(text) if is_json else _yaml(text)
    if faults:
        raise Unreadable(*faults)
    if not isinstance(tree, dict):
        raise Unreadable("line 1: is not a list of keys such as title, questions and companies")
    return tree


def _yaml(text):
    """Build the tree from the parser's events: no alias, anchor or tag is ever followed."""
    faults, stack, root = [], [], []

    def add(value, mark):
        top = stack[-1] if stack else None
        if top is None:
            root.append(value)
        elif isinstance(top[0], list):
            top[0].append(value)
        elif top[1] is None:  # a key comes first
            if not isinstance(value, str):
                faults.append(f"line {mark.line + 1}: a key must be plain text")
                value = ""
            elif value in top[0]:
                faults.append(f"line {mark.line + 1}: the key {value!r} appears twice")
            top[1] = value
        else:
            top[0][top[1]], top[1] = value, None

    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
            line = event.start_mark.line + 1
            if isinstance(event, yaml.AliasEvent):
                return None, [*faults, f"line {line}: aliases (*{event.anchor}) are not read: write the text out"]
            if getattr(event, "anchor", None):
                faults.append(f"line {line}: anchors (&{event.anchor}) are not read")
            if getattr(event, "tag", None) and event.tag != "!":
                faults.append(f"line {line}: tags ({event.tag}) are not read")
            if isinstance(event, yaml.ScalarEvent):
                if _UNSTORABLE.search(event.value):
                    faults.append(f"line {line}: holds a character that cannot be stored")
                plain_and_empty = event.value == "" and event.style is None
                add(None if plain_and_empty else event.value, event.start_mark)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                if len(stack) >= MAX_DEPTH:
                    return None, [*faults, f"line {line}: is nested more than {MAX_DEPTH} levels deep"]
                value = {} if isinstance(event, yaml.MappingStartEvent) else []
                add(value, event.start_mark)
                stack.append([value, None])
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                stack.pop()
            elif isinstance(event, yaml.DocumentStartEvent) and root:
                return None, [*faults, f"line {line}: a second document begins; a file holds one campaign"]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return None, [*faults, f"line {mark.line + 1 if mark else 1}: {error.problem or error.context}"]
    except yaml.YAMLError as error:  # a character that YAML does not allow
        return None, [*faults, f"line {_line_of(error, text)}: {getattr(error, 'reason', 'is not YAML')}"]
    return root[0] if root else None, faults


def _line_of(error, text):
    return text[: getattr(error, "position", 0)].count("\n") + 1


def _json(text):
    faults = []

    def pairs(items):
        found = {}
        for key, value in items:
            if key in found:
                faults.append(f"line 1: the key {key!r} appears twice")
            found[key] = value
        return found

    def constant(name):
        faults.append(f"line 1: {name} is not a value")

    try:
        tree = json.loads(text, object_pairs_hook=pairs, parse_int=str, parse_float=str, parse_constant=constant)
    except json.JSONDecodeError as error:
        return None, [*faults, f"line {error.lineno}: {error.msg}"]
    except RecursionError:
        return None, [*faults, f"line 1: is nested more than {MAX_DEPTH} levels deep"]
    return _as_texts(tree, faults), faults


def _as_texts(tree, faults, depth=0):
    """JSON's truths become texts too, and what YAML would refuse is refused here as well."""
    if depth > MAX_DEPTH:
        fault = f"line 1: is nested more than {MAX_DEPTH} levels deep"
        if fault not in faults:
            faults.append(fault)
        return None
    if isinstance(tree, dict):
        return {_as_texts(key, faults, depth): _as_texts(value, faults, depth + 1) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_as_texts(value, faults, depth + 1) for value in tree]
    if isinstance(tree, bool):
        return "true" if tree else "false"
    if isinstance(tree, str) and (bad := _UNSTORABLE.search(tree)):
        faults.append(f"line 1: {tree[: bad.start()][:40]!r} holds a character that cannot be stored")
        return ""
    return tree
