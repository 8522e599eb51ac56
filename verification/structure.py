"""Print how the code is built, in figures: names, circles, loose types, rooms, import direction.

    python -m verification.structure

Each figure has a limit, which ``tests/test_structure.py`` holds. Everything is read from the source
text; nothing is imported.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
INSTALLED = ("features", "model", "pipelines")  # what a company runs
BESIDE = ("benchmarks", "verification")
SIMULATOR = "pipelines.simulator"
SIMULATING = ("pipelines.cli", SIMULATOR)  # only the command `leadready demo` may simulate
LONG, FULL = 350, 12  # lines of a module, modules of a folder: "about 300" and "about ten"
STANDS_ALONE = "model.serving"  # one file by design, however long
UNFORMATTED = "# fmt: " + "skip"
LOOSE = re.compile(r"(?:dict|Mapping)\[str, Any\]")
VAGUE = "one"  # no name for a variable


@dataclass(frozen=True)
class Module:
    """A module: its dotted name, its file and its text, parsed."""

    name: str
    path: Path
    text: str
    tree: ast.Module


class Figure(NamedTuple):
    """A figure about the code, its limit, and the places that count."""

    name: str
    value: float
    limit: float
    places: Sequence[str] = ()

    @property
    def kept(self) -> bool:
        """Whether the figure is within its limit."""
        return self.value <= self.limit


def modules_of(*folders: str, root: Path = ROOT) -> list[Module]:
    """Read all modules below some folders of the repository.

    Examples
    --------
    >>> [module.name for module in modules_of("model") if module.name == "model.gate"]
    ['model.gate']
    """
    modules = []
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            modules.append(_read_module(path, root))
    return modules


@cache
def _read_module(path: Path, root: Path) -> Module:
    parts = path.relative_to(root).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text(encoding="utf-8")
    return Module(name, path.relative_to(root), text, ast.parse(text))


def shared_names(modules: Sequence[Module]) -> tuple[float, list[str]]:
    """Return the share of top-level functions whose name another module uses too, and the names."""
    owners = defaultdict(set)
    for module in modules:
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                owners[node.name].add(module.name)
    functions = sum(len(names) for names in owners.values())
    shared = {name: names for name, names in owners.items() if len(names) > 1}
    places = [f"{name}: {', '.join(sorted(names))}" for name, names in sorted(shared.items())]
    return sum(len(names) for names in shared.values()) / functions, places


def vague_variables(modules: Sequence[Module]) -> list[str]:
    """List the variables, arguments and loops that are called ``one``."""
    return [
        f"{module.path}:{node.lineno}"
        for module in modules
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.arg) and node.arg == VAGUE)
        or (isinstance(node, ast.Name) and node.id == VAGUE and isinstance(node.ctx, ast.Store))
    ]


def imports_of(module: Module, names: set[str]) -> Iterator[str]:
    """List the modules among ``names`` that a module imports, in functions as well.

    Examples
    --------
    >>> tree = ast.parse("def f():\\n    from model import gate")
    >>> list(imports_of(Module("a", Path("a.py"), "", tree), {"model", "model.gate"}))
    ['model.gate']
    """
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in names or node.module in names:
                    yield inner if inner in names else node.module


def import_circles(imports: dict[str, set[str]]) -> list[str]:
    """List the groups of modules that import each other, directly or through others.

    Examples
    --------
    >>> import_circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})
    ['a, b, c']
    """
    reached = {name: _reached(name, imports) for name in imports}
    groups = {
        ", ".join(sorted(other for other in reached[name] if name in reached[other]))
        for name in imports
        if name in reached[name]
    }
    return sorted(groups)


def _reached(start: str, imports: dict[str, set[str]]) -> set[str]:
    """The modules that are imported by ``start``, by those, and so on."""
    reached: set[str] = set()
    waiting = [*imports.get(start, ())]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += imports.get(name, ())
    return reached


def wrong_directions(imports: dict[str, set[str]]) -> list[str]:
    """List the imports that go against features <- model <- pipelines <- benchmarks, verification.

    Examples
    --------
    >>> wrong_directions({"features.text": {"model.gate"}, "model.gate": {"features.text"}})
    ['features.text imports model.gate']
    >>> wrong_directions({"pipelines.check.check": {"pipelines.simulator.company"}})
    ['pipelines.check.check imports pipelines.simulator.company']
    """
    return [
        f"{name} imports {other}"
        for name, others in imports.items()
        for other in sorted(others)
        if _level(other) > _level(name)
        or (other.startswith(SIMULATOR) and name.startswith("pipelines") and not _simulates(name))
    ]


def _level(name: str) -> int:
    top = name.partition(".")[0]
    return INSTALLED.index(top) if top in INSTALLED else len(INSTALLED)


def _simulates(name: str) -> bool:
    return name.startswith(SIMULATING)


def figures_of_the_code(root: Path = ROOT) -> list[Figure]:
    """Measure the code of a checkout against the limits."""
    installed = modules_of(*INSTALLED, root=root)
    source = [*installed, *modules_of(*BESIDE, root=root)]
    everything = [*source, *modules_of("tests", root=root)]
    names = {module.name for module in source}
    imports = {module.name: set(imports_of(module, names)) - {module.name} for module in source}
    share, shared = shared_names(installed)
    folders = Counter(
        str(module.path.parent) for module in source if module.path.stem != "__init__"
    )
    unformatted = [str(module.path) for module in everything if UNFORMATTED in module.text]
    loose = Counter({str(module.path): len(LOOSE.findall(module.text)) for module in installed})
    long = [
        f"{module.path}: {len(module.text.splitlines())} lines"
        for module in source
        if len(module.text.splitlines()) > LONG and module.name != STANDS_ALONE
    ]
    full = [f"{folder}: {count} modules" for folder, count in folders.items() if count > FULL]
    circles, against = import_circles(imports), wrong_directions(imports)
    alone = sorted(imports[STANDS_ALONE])
    vague = vague_variables(everything)
    counts = [f"{path}: {count}" for path, count in loose.most_common() if count]
    return [
        Figure("share of functions that share a name", share, 0.08, shared),
        Figure("variables called `one`", len(vague), 0, vague),
        Figure(f"`{UNFORMATTED}`", len(unformatted), 0, unformatted),
        Figure("import circles", len(circles), 0, circles),
        Figure("imports against the direction", len(against), 0, against),
        Figure("imports of model/serving.py", len(alone), 0, alone),
        Figure("annotations dict[str, Any]", loose.total(), 119, counts),
        Figure(f"modules above {LONG} lines", len(long), 0, long),
        Figure(f"folders above {FULL} modules", len(full), 0, full),
    ]


def structure_text(figures: Sequence[Figure], *, shown: int = 20) -> str:
    """Write the figures as a table; those above their limit with the first places.

    Examples
    --------
    >>> print(structure_text([Figure("circles", 0, 0), Figure("share", 0.095, 0.08, ["a", "b"])]))
    circles                                       0  (limit 0)
    share                                      9.5%  (limit 8.0%)
      a
      b
    """
    lines = []
    for figure in figures:
        value, limit = (
            f"{number:.1%}" if isinstance(number, float) else f"{number:,}"
            for number in (figure.value, figure.limit)
        )
        lines.append(f"{figure.name:38} {value:>8}  (limit {limit})")
        if not figure.kept:
            lines += [f"  {place}" for place in figure.places[:shown]]
            more = len(figure.places) - shown
            lines += [f"  and {more:,} more"] if more > 0 else []
    return "\n".join(lines)


def rooms_text(root: Path = ROOT) -> str:
    """List the folders with the number of their modules and lines."""
    counts: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for module in modules_of(*INSTALLED, *BESIDE, root=root):
        if module.path.stem != "__init__":
            counts[str(module.path.parent)] += 1
            lines[str(module.path.parent)] += len(module.text.splitlines())
    return "\n".join(
        f"{folder:26} {count:>3} modules {lines[folder]:>6,} lines"
        for folder, count in sorted(counts.items())
    )


def main() -> int:
    """Print the figures; return 1 if a limit is not kept."""
    figures = figures_of_the_code()
    print(rooms_text(), structure_text(figures), sep="\n\n")
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
