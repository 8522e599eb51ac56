"""``import leadready``: quick, from any folder, even one with packages of the same names."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import leadready

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("numpy", "pandas", "yaml", "duckdb", "sklearn", "mlflow", "matplotlib", "jinja2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data scientist's folder: a package, a module and a namespace with the names of ours."""
    for name, text in (
        ("features/__init__.py", "raise SystemExit('the wrong features')"),
        ("features/mine.py", ""),
        ("model.py", "raise SystemExit('the wrong model')"),
        ("pipelines/mine.py", "raise SystemExit('the wrong pipelines')"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def _python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the folder; its packages come first on the path."""
    script = folder / "script.py"
    script.write_text(code, encoding="utf-8")
    command = [sys.executable, str(script)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_importing_it_loads_nothing_heavy(tmp_path: Path) -> None:
    code = f"""
import sys
import leadready
assert not set({HEAVY!r}) & set(sys.modules)
assert not {{"features", "model", "pipelines"}} & set(sys.modules)
"""
    done = _python(tmp_path, code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", leadready.__all__)
def test_every_public_name_is_documented_and_where_it_is_said_to_be(name: str) -> None:
    public = getattr(leadready, name)
    module, _, attribute = leadready._PLACES[name].partition(":")
    assert public is getattr(sys.modules[module], attribute)
    assert len(public.__doc__) > 40
    if name != "LeadReadyError":
        for part in ("Parameters", "Raises", "Examples"):
            assert f"{part}\n    ---" in public.__doc__, part


def test_names_are_the_public_ones() -> None:
    assert dir(leadready) == sorted(leadready.__all__) == sorted(leadready._PLACES)
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        getattr(leadready, "scores")  # noqa: B009  # the name would not pass the type checker


def test_the_type_checker_looks_at_its_types() -> None:
    """`make lint` fails if ``leadready.score`` loses its type, as long as it reads this file."""
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert "tests.typed_use" in mypy["modules"]
    assert mypy["strict"]


# A folder with packages of the same names


def test_our_packages_are_found_though_others_come_first_on_the_path(folder: Path) -> None:
    code = """
import leadready
import features, model, pipelines
from pipelines.score import score
assert leadready.score is score.score
leadready.load("here")
"""
    done = _python(folder, code)
    assert "features.errors.LeadReadyError: here/leadready.yaml" in done.stderr, done.stderr


@pytest.mark.parametrize(
    "line", ["import features.mine", "from features import mine", "import pipelines.mine"]
)
def test_a_package_that_is_hidden_is_explained(folder: Path, line: str) -> None:
    done = _python(folder, f"import leadready\n{line}")
    last = done.stderr.strip().splitlines()[-1]
    name = line.split()[1].removesuffix(".mine")
    assert last == (
        f"ModuleNotFoundError: No module named '{name}.mine': since leadready was imported, "
        f"'{name}' is its package in {ROOT}. To import another package called '{name}', "
        "rename it or use a process without leadready."
    )


@pytest.mark.parametrize("name", ["features", "model", "pipelines"])
def test_another_package_that_came_first_is_named(folder: Path, name: str) -> None:
    for path in folder.rglob("*.py"):
        path.write_text("", encoding="utf-8")
    done = _python(folder, f"import {name}\nimport leadready")
    assert (
        f"ImportError: leadready has a package called {name!r}, but another {name!r} is already "
        f"imported, from {folder / name}"
    ) in done.stderr
    assert done.stderr.strip().splitlines()[-1] == (
        "hint: import leadready first; if you need both, run leadready in a process of its own, "
        "such as the command leadready"
    )


def test_our_own_packages_may_come_first(tmp_path: Path) -> None:
    done = _python(tmp_path, "import features.text\nimport leadready")
    assert done.returncode == 0, done.stderr


def test_the_command_is_not_misled_by_the_path(folder: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"leadready": "leadready:main"}
    code = "import sys\nfrom leadready import main\nsys.exit(main(['models', '-w', 'nowhere']))"
    done = _python(folder, code)
    assert done.returncode == 2
    assert done.stderr.startswith("error: nowhere/leadready.yaml: "), done.stderr


def test_worker_processes_find_our_packages(folder: Path) -> None:
    """Candidates are trained in other processes, which start in the same folder."""
    code = """
import os
import leadready
from joblib import delayed
from model.estimators.parallel import in_processes
from model.training.splits import uniform_hash

def drawn(name):
    return uniform_hash(name), os.getpid()

found = in_processes()(delayed(drawn)(name) for name in ("a", "b"))
print([chance == uniform_hash(name) for name, (chance, _) in zip("ab", found)])
print(os.getpid() in {process for _, process in found})
"""
    done = _python(folder, code)
    assert done.stdout == "[True, True]\nFalse\n", done.stderr
