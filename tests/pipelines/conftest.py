"""A small simulated company that was trained once; tests get a copy each.

Test processes that run side by side share the training.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from features.file_lock import locked
from model.card.card import LogisticCard
from model.gate import Gate
from model.registry import store
from model.registry.registry import Contents, Registry
from model.serving import Definition
from model.training.learn import CalibratedModel, Learned
from model.training.learning_data import LearningData
from model.training.splits import Split
from pipelines.cli.main import main
from pipelines.score import when
from pipelines.simulator.company import Settings, simulate_company
from pipelines.simulator.export import write_company
from pipelines.train import fit
from tests.conftest import shared_home
from tests.pipelines.shared_parts import shared_parts

SMALL = Settings(seed=1, leads=4_000, events=60_000, base_rate=0.4)
PER_WEEK = 8  # what sales can take, so that the score has to choose
SCRIPT, FORMULA = "<script>alert('blog')</script>", "=HYPERLINK(1)"  # what people type into forms


class Answer(NamedTuple):
    """What a command printed: its exit code, results and messages."""

    code: int
    data: str
    talk: str

    @property
    def json(self) -> Any:
        """The results, read as strict JSON."""
        return json.loads(self.data, parse_constant=_refused)


def _refused(constant: str) -> Any:
    raise AssertionError(f"{constant} is not JSON")


def unwrapped(talk: str) -> str:
    """Each message in one line, however narrow the terminal."""
    return re.sub(r"\n {2,7}(?=\S)", " ", talk)


PRESENT = pd.Timestamp("2026-10-01")  # of the simulated companies: when they were exported


@pytest.fixture(autouse=True, scope="session")
def present() -> Iterator[None]:
    """Score at the time of the simulated export, unless a test asks for another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(when, "utc_now", lambda: PRESENT)
        yield


@pytest.fixture(autouse=True, scope="session")
def parts_built_once() -> Iterator[None]:
    """Let commands on the same files share what they read and build."""
    with shared_parts():
        yield


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run a command and capture its output, even what a library writes past Python."""

    def run(*arguments: object) -> Answer:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        data, talk = capfd.readouterr()
        return Answer(code, data, unwrapped(talk))

    return run


def agree(folder: Path, changes: Sequence[tuple[str, str]]) -> None:
    """Change the company's definition, and let both teams sign it."""
    path = folder / "definition.yaml"
    text = path.read_text(encoding="utf-8").partition("agreed:")[0]
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    digest = Definition.from_file(path).digest
    signed = [
        f"  - {{team: {team}, name: N, on: 2026-09-17, digest: {digest}}}"
        for team in ("sales", "marketing")
    ]
    path.write_text("\n".join([f"{text}agreed:", *signed]) + "\n", encoding="utf-8")


def build(folder: Path, settings: Settings = SMALL) -> Path:
    """Write a company whose sales team is as small as itself, and whose forms take any text."""
    write_company(simulate_company(settings), folder)
    leads = folder / "crm" / "leads.csv"
    text = leads.read_text(encoding="utf-8")
    for old, new in (("/blog", SCRIPT), ("Content Syndication", FORMULA)):
        assert old in text
        text = text.replace(old, new)
    leads.write_text(text.replace(f'"2024-Q4 {FORMULA}"', f'"{FORMULA}"'), encoding="utf-8")
    agree(folder, [("per_week: 40", f"per_week: {PER_WEEK}")])
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company with a champion, and beside it what its training printed; not to be changed."""
    from pipelines.train.train import train

    home = shared_home(tmp_path_factory)
    folder, answer_file = home / "a small company", home / "training.json"
    with locked(home / "training.lock"):
        if not answer_file.is_file():
            answer = train(build(folder), progress=lambda words: None)
            _share(folder / "mlflow.db")
            answer_file.write_text(json.dumps(answer, default=str), encoding="utf-8")
    return folder


def _share(database: Path) -> None:
    """Keep a database that is only read and copied from now on without memory that is shared.

    In WAL mode SQLite maps a file into memory. Copying that file drops this process's locks on it,
    and another process may then shorten it, which ends this one.
    """
    store._close_connections(database)
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)


@pytest.fixture(scope="session")
def training(trained: Path) -> dict[str, Any]:
    """What the training of the small company printed."""
    return dict(json.loads((trained.parent / "training.json").read_text(encoding="utf-8")))


@pytest.fixture
def company(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained company, free to change, without the runs of other tests."""
    runs = shutil.ignore_patterns("ledger.duckdb*", ".ledger.duckdb*")
    return Path(shutil.copytree(trained, tmp_path / "company", ignore=runs))


@pytest.fixture
def hostile(company: Path) -> Path:
    """A company whose champion has rows for texts that people typed into forms."""
    registry = Registry.for_workspace(company)
    loaded = registry.load()
    lines = list(loaded.scorecard["lines"])
    place = next(place for place, line in enumerate(lines) if line["kind"] == "category")
    lines[place] |= {
        "categories": [[FORMULA], [SCRIPT]],
        "labels": ["unknown", "any other", FORMULA, SCRIPT],
        **{"points": [0, 0, 9, -9], "low": None, "high": None, "covariance": None},
        **{"counts": [90, 90, 90, 90], "wins": [9, 9, 20, 2]},
    }
    card = loaded.scorecard | {"lines": lines, "rejections": None}
    files = card, loaded.definition, loaded.catalogue, loaded.evaluation
    registry.settle(registry.log(Contents(*files, "0" * 64)), [Gate("enough", True, "9", "9")])
    return company


@pytest.fixture
def one_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train a logistic card in no time: nothing is compared with it, and nothing calibrated."""

    def learn(data: LearningData, parts: Split, folds: Any, **how: Any) -> Learned:
        chosen = data.choose(parts.train, None, splits=1)
        card = data.fit_card(LogisticCard, parts.train, None, chosen)
        model: Any = CalibratedModel(card, (1.0, 0.0))
        return Learned(model, model, [], [], [], [])

    monkeypatch.setattr(fit, "learn", learn)


@pytest.fixture(scope="session")
def _written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("written") / "company")


@pytest.fixture
def untrained(_written: Path, tmp_path: Path) -> Path:
    """The small company before anything was trained."""
    return Path(shutil.copytree(_written, tmp_path / "untrained"))
