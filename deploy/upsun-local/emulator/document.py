"""YAML as the platform reads it, with the line of every key, and without letting a key be written twice."""
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

import yaml

Keys = tuple[str, ...]


@dataclass
class Problem:
    """Something to mend (or to think about) in the configuration."""

    text: str
    line: int | None = None
    file: str | None = None
    rule: int | None = None

    def __str__(self) -> str:
        place = f"{self.file or 'config.yaml'}:{self.line}: " if self.line else ""
        return place + self.text


@dataclass
class Document:
    """The merged configuration: plain values, and where each of them was written."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[Keys, tuple[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, keys: Keys) -> tuple[str | None, int | None]:
        """The file and line of a value, or of the nearest one around it."""
        while keys:
            if keys in self.places:
                return self.places[keys]
            keys = keys[:-1]
        return None, None

    def problem(self, keys: Keys, text: str, rule: int | None = None) -> Problem:
        file, line = self.place(keys)
        return Problem(text, line, file, rule)


Found = Iterator[Problem]


def apps(document: Document) -> dict[str, Any]:
    return document.values["applications"]


def services(document: Document) -> dict[str, Any]:
    return document.values.get("services") or {}


def routes(document: Document) -> dict[str, Any]:
    return document.values.get("routes") or {}


def tasks(document: Document) -> dict[str, Any]:
    return document.values.get("tasks") or {}


class Reader:
    """Turns the nodes of one file into values; remembers lines and duplicate keys."""

    def __init__(self, document: Document, path: Path, top: Path):
        self.document, self.path, self.top = document, path, top
        self.loader = yaml.SafeLoader("")

    def value(self, node: yaml.Node, keys: Keys) -> Any:
        if node.tag in ("!include", "!file", "!archive"):
            return self.included(node, keys)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, keys)
        if isinstance(node, yaml.SequenceNode):
            items = []
            for position, item in enumerate(node.value):
                inner = (*keys, str(position))
                self.document.places[inner] = (self.path.name, item.start_mark.line + 1)
                items.append(self.value(item, inner))
            return items
        return self.loader.construct_object(node, deep=True)

    def mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Any]:
        result: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == "tag:yaml.org,2002:merge":
                sources = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
                for source in reversed(sources):
                    merged.update(self.value(source, keys))
                continue
            key = self.loader.construct_object(key_node, deep=True)
            name = key if isinstance(key, str) else key_node.value
            if name in lines:
                self.document.problems.append(Problem(
                    f"the key '{name}' stands here for the second time (first on line {lines[name]}); only one would count: "
                    "remove or rename one of them", line, self.path.name, 1))
            lines[name] = line
            self.document.places[(*keys, name)] = (self.path.name, line)
            result[name] = self.value(value_node, (*keys, name))
        return {**merged, **result}

    def included(self, node: yaml.Node, keys: Keys) -> Any:
        wanted = self.value_without_tag(node, keys)
        kind, name = ("string", wanted) if isinstance(wanted, str) else (wanted.get("type", "yaml"), wanted.get("path", ""))
        if isinstance(wanted, str) and node.tag == "!include":
            kind = "yaml"
        target = (self.path.parent / name).resolve()
        line = node.start_mark.line + 1
        if not target.is_relative_to(self.top.resolve()):
            self.document.problems.append(Problem(f"{name} lies outside the project; include only files below it", line, self.path.name, 1))
            return None
        if not target.is_file():
            self.document.problems.append(Problem(f"there is no file {name} beside {self.path.name}", line, self.path.name, 1))
            return None
        if kind != "yaml":
            return target.read_text(errors="replace")
        return Reader(self.document, target, self.top).read(keys)

    def value_without_tag(self, node: yaml.Node, keys: Keys) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return node.value
        return self.mapping(node, keys) if isinstance(node, yaml.MappingNode) else ""

    def read(self, keys: Keys = ()) -> Any:
        try:
            node = yaml.compose(self.path.read_text(), Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            self.document.problems.append(Problem(f"this is not YAML: {error.problem}", line, self.path.name, 1))
            return None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self.document.problems.append(Problem(f"this is not YAML: {error}", None, self.path.name, 1))
            return None
        return self.value(node, keys) if node else None


def load(files: list[Path], top: Path) -> Document:
    """The files of `.upsun` together. Only the maps at the top are merged; an app defined twice is an error."""
    document = Document()
    for path in files:
        values = Reader(document, path, top).read()
        if values is None:
            continue
        if not isinstance(values, dict):
            document.problems.append(Problem("the file must hold a map with 'applications'", 1, path.name, 1))
            continue
        for section, content in values.items():
            known = document.values.get(section)
            if known is None:
                document.values[section] = content
            elif isinstance(known, dict) and isinstance(content, dict):
                for name in content.keys() & known.keys():
                    document.problems.append(document.problem(
                        (section, name), f"'{name}' is defined in another file of .upsun, too; keep one of the two", 1))
                known.update(content)
    return document


def files_of(project: Path) -> list[Path]:
    """The configuration's files, in the platform's order."""
    folder = project / ".upsun"
    return sorted(path for path in folder.glob("*.y*ml") if path.suffix in (".yaml", ".yml") and path.is_file())
