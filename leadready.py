"""leadready for Python: everything that the command ``leadready`` does, from any folder.

>>> import leadready
>>> leads = leadready.score("acme")  # doctest: +SKIP
>>> model = leadready.load("acme", "champion")  # doctest: +SKIP

Each function takes the folder of a workspace. ``help(leadready.score)`` describes one; nothing
heavy is imported before it is first used. Only the names in ``__all__`` are public.

The project's packages have common names: features, model, pipelines. Importing leadready makes
sure that these names mean this project's packages in the process, even where the current folder
has packages with the same names.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from features.errors import LeadReadyError
    from pipelines.brief.explain import explain
    from pipelines.card.card import card
    from pipelines.check.check import check
    from pipelines.check.outcomes import outcomes
    from pipelines.definition.points import points
    from pipelines.definition.simulate import simulate
    from pipelines.export.feature_table import features
    from pipelines.init.init import init
    from pipelines.ledger.history import history
    from pipelines.level.level import level
    from pipelines.report.report import report
    from pipelines.score.load import load
    from pipelines.score.score import score
    from pipelines.snapshot import read_snapshot as snapshot
    from pipelines.train.backtest import backtest
    from pipelines.train.train import train
    from pipelines.workshop.workshop import screens, workshop

__all__ = [
    "LeadReadyError",
    "backtest",
    "card",
    "check",
    "explain",
    "features",
    "history",
    "init",
    "level",
    "load",
    "outcomes",
    "points",
    "report",
    "score",
    "screens",
    "simulate",
    "snapshot",
    "train",
    "workshop",
]

_PLACES = {
    "LeadReadyError": "features.errors:LeadReadyError",
    "backtest": "pipelines.train.backtest:backtest",
    "card": "pipelines.card.card:card",
    "check": "pipelines.check.check:check",
    "explain": "pipelines.brief.explain:explain",
    "features": "pipelines.export.feature_table:features",
    "history": "pipelines.ledger.history:history",
    "init": "pipelines.init.init:init",
    "level": "pipelines.level.level:level",
    "load": "pipelines.score.load:load",
    "outcomes": "pipelines.check.outcomes:outcomes",
    "points": "pipelines.definition.points:points",
    "report": "pipelines.report.report:report",
    "score": "pipelines.score.score:score",
    "screens": "pipelines.workshop.workshop:screens",
    "simulate": "pipelines.definition.simulate:simulate",
    "snapshot": "pipelines.snapshot:read_snapshot",
    "train": "pipelines.train.train:train",
    "workshop": "pipelines.workshop.workshop:workshop",
}
_PACKAGES = ("features", "model", "pipelines")
_HOME = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``leadready`` and return its exit code."""
    from pipelines.cli.main import main as run

    return run(arguments)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'leadready' has no attribute {name!r}")
    module, _, attribute = _PLACES[name].partition(":")
    globals()[name] = getattr(import_module(module), attribute)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted(__all__)


class _OwnPackages:
    """Finds this project's packages beside this file and nowhere else."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        package = name.partition(".")[0]
        if package not in _PACKAGES:
            return None
        spec = PathFinder.find_spec(name, [str(_HOME.joinpath(*name.split(".")[:-1]))])
        if spec is None:
            raise ModuleNotFoundError(
                f"No module named {name!r}: since leadready was imported, {package!r} is its "
                f"package in {_HOME}. To import another package called {package!r}, rename it or "
                "use a process without leadready."
            )
        return spec


def _refuse_others() -> None:
    """Refuse to work beside other packages with these names: modules would be mixed up."""
    for name in _PACKAGES:
        module = sys.modules.get(name)
        places = [Path(place).resolve() for place in getattr(module, "__path__", ())]
        if module is not None and _HOME / name not in places:
            where = getattr(module, "__file__", None) or next(iter(places), "this process")
            raise ImportError(
                f"leadready has a package called {name!r}, but another {name!r} is already "
                f"imported, from {where}\nhint: import leadready first; if you need both, run "
                "leadready in a process of its own, such as the command leadready"
            )


_refuse_others()
sys.meta_path.insert(0, _OwnPackages)

if __name__ == "__main__":
    sys.exit(main())
