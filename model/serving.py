"""The one file that travels with a registered model: points, rules, reasons, decisions.

MLflow stores it beside two data files, the *scorecard* (what was learned) and the *definition*
(what was agreed), and runs it wherever leads are scored. It imports nothing of this project: numpy,
pandas and pyyaml are enough, and being one file is worth its length. The rest of the project calls
the same functions; points, three-valued rules and reasons are computed here and nowhere else. A
scorecard is one long table of points: a lead is a set of cells in it, and its score, grade and
reasons are sums and look-ups.
"""

from __future__ import annotations

import hashlib
import inspect
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
import pandas as pd
import yaml

FIT = ("firmographic", "role", "origin")
ENGAGEMENT = "engagement"
FAMILIES = (*FIT, ENGAGEMENT, "other")  # points of other count in the score alone
GROUPS = ("all", "any", "none")
DIRECTIONS = {"increasing": 1, "decreasing": -1}
TEAMS = ("sales", "marketing")  # the teams that sign, where a definition names none
VERDICTS = ("not ready", "unknown", "ready", "never")  # a verdict's code is its position
NOT_READY, UNKNOWN, READY, NEVER = range(4)
AGREEMENT = (
    "agree",
    "model only",
    "unknown",
    "unknown",
    "rules only",
    "agree",
    "agree",
    "model only",
)  # two for each verdict: model not ready, model ready
SETTLED = {  # decide_by: the decisions where "rules only" and where "model only"
    "review": ("review", "review"),
    "rules": ("hand off", "nurture"),
    "model": ("nurture", "hand off"),
}
WITH_SALES = "with sales"  # the decision on leads that sales already has
EPOCH = pd.Timestamp(0, tz="UTC").as_unit("s")  # nanoseconds end in the year 2262
SMALLEST_REASON = 0.05  # smaller points would be shown as 0.0
Array = Any  # a numpy array
Content = Mapping[str, Any]  # keys and values, as in a JSON or YAML file
Record = TypeVar("Record")


class ServingError(ValueError):
    """A scorecard, definition or table that cannot be used; ``hint`` says how to correct it."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what if hint is None else f"{what} (hint: {hint})")
        self.what, self.hint = what, hint


def _require(condition: Any, what: str, hint: str | None = None) -> None:
    if not condition:
        raise ServingError(what, hint)


# The parser in C reads the same about ten times as fast, but PyYAML may have been built without it.
# A class whose base is chosen at run time is more than a type checker can follow.
class Yaml(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML in which `on`, `no`, 012 and 2026-10-01 are texts, as they look."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012


YAML_TYPES = {
    "null": "~|null|",
    "bool": "true|false",
    "int": r"[-+]?(0|[1-9]\d*)",
    "float": r"([-+]?\d+\.\d*|\.\d+)([eE][-+]\d+)?",
}
for _type, _pattern in YAML_TYPES.items():
    _matches = re.compile(f"(?:{_pattern})$")
    Yaml.add_implicit_resolver(f"tag:yaml.org,2002:{_type}", _matches, None)


class _Document:
    """A scorecard or a definition, checked and ready for use."""

    how_to_repair = "restore the registered file, or train again"

    def __init__(self, content: Content) -> None:
        self.content = content
        try:
            self._parse()
        except ServingError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            missing = isinstance(error, KeyError) and f"the key {error.args[0]!r} is missing"
            why = missing or "one of its values has the wrong type"
            what = f"the {type(self).__name__.lower()} is damaged: {why}"
            raise ServingError(what, self.how_to_repair) from error

    def _parse(self) -> None:
        raise NotImplementedError

    @classmethod
    def from_dict(cls, content: Content) -> Self:
        """Check the content and make it ready for use."""
        return cls(content)

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a file: JSON if its name ends in .json, else YAML (safely)."""
        text, as_json = Path(path).read_text(encoding="utf-8"), str(path).endswith(".json")
        return cls(json.loads(text) if as_json else yaml.load(text, Yaml))


def _require_columns(X: pd.DataFrame, names: Iterable[str]) -> None:
    required, columns = list(dict.fromkeys(names)), X.columns.to_list()
    absent = [name for name in required if name not in columns]
    what = f"{len(absent)} of {len(required)} columns are not in the table: {', '.join(absent)}"
    _require(not absent, what, "leave the cells of unknown values empty, but keep the column")
    repeated = [name for name in required if columns.count(name) > 1]
    _require(not repeated, f"the table has columns more than once: {', '.join(repeated)}")


def _column_numbers(column: pd.Series[Any], days: bool = False) -> Array:
    """Read a column as numbers, or as days since 1970."""
    try:
        if not days:
            return column.to_numpy(np.float64, na_value=np.nan)
        since = pd.to_datetime(column.astype("str"), utc=True, format="ISO8601") - EPOCH
        return (since // pd.Timedelta(days=1)).to_numpy(np.float64)
    except (TypeError, ValueError):
        kind = "dates such as 2026-10-01" if days else "numbers"
        what = f"column {column.name!r} must contain {kind}, but has other values"
        raise ServingError(what, "leave the cells of unknown values empty") from None


def _column_codes(column: pd.Series[Any], code_of: Callable[[str], int], missing: int) -> Array:
    """Give each cell the code of its text, looking up each distinct value once."""
    codes, distinct = pd.factorize(column)
    return np.array([*(code_of(data_text(value)) for value in distinct), missing])[codes]


def data_text(value: Any) -> str:
    """Write a value as the data does: yes, 3, director."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _row_sums(points: Array) -> Array:  # term by term, so that no lead depends on the others
    return sum(points.T, np.zeros(len(points), points.dtype))


def _numbers(values: Any, what: str, whole: bool) -> Array:
    """Read finite numbers, which are whole in format 2."""
    numbers = np.array(values, float)
    _require(np.isfinite(numbers).all(), f"{what} must be finite numbers")
    if not whole:
        return numbers
    fits = (numbers % 1 == 0) & (np.abs(numbers) < 2**31)
    _require(fits.all(), f"{what} must be whole numbers")
    return numbers.astype(np.int64)


# -- the scorecard --------------------------------------------------------------------------------


class Axis(NamedTuple):
    """A feature, and how its values fall into bins.

    ``places`` says in which bin each category is; several may share one.
    """

    name: str
    words: str
    labels: tuple[str, ...]
    cuts: Array | None
    places: dict[str, int]

    def bins(self, X: pd.DataFrame) -> Array:
        """Return each lead's bin: 0 missing; then the intervals, or other and the categories."""
        if self.cuts is None:
            return _column_codes(X[self.name], lambda text: self.places.get(text, 1), missing=0)
        values = _column_numbers(X[self.name])
        return np.where(np.isnan(values), 0, 1 + np.searchsorted(self.cuts, values, side="right"))


def _parse_axis(content: Content) -> Axis:
    name, kind, labels = content["name"], content["kind"], tuple(content["labels"])
    _require(kind in ("number", "category"), f"feature {name!r} has the unknown kind {kind!r}")
    parts = content["cuts" if kind == "number" else "categories"]
    fits = len(labels) == len(parts) + 2
    _require(fits, f"feature {name!r} needs {len(parts) + 2} labels, one for each row")
    words = content.get("words") or name
    if kind == "number":
        cuts = np.array(parts, float)
        rising = np.isfinite(cuts).all() and (np.diff(cuts) > 0).all()
        _require(rising, f"the cuts of feature {name!r} must be finite and rising")
        return Axis(name, words, labels, cuts, {})
    return Axis(name, words, labels, None, _parse_categories(name, parts))


def _parse_categories(name: str, rows: Iterable[Any]) -> dict[str, int]:
    """Give the bin of each category; a row is a category or, in format 2, a list of them."""
    places = dict[str, int]()
    for place, row in enumerate(rows, start=2):
        categories = list(map(str, row if isinstance(row, list) else [row]))
        _require(categories, f"feature {name!r} has a row without categories")
        twice = len(set(categories)) < len(categories) or not places.keys().isdisjoint(categories)
        _require(not twice, f"feature {name!r} has a category twice")
        places |= dict.fromkeys(categories, place)
    return places


class Term(NamedTuple):
    """The points of one feature's bins, or of a pair's, and what each bin is called."""

    axes: tuple[Axis, ...]
    family: str
    words: str
    points: Array
    labels: list[str]


def _parse_term(axes: tuple[Axis, ...], content: Content, whole: bool) -> Term:
    words, family = " and ".join(axis.words for axis in axes), content["family"]
    points = _numbers(content["points"], f"the points of {words!r}", whole)
    shape = tuple(len(axis.labels) for axis in axes)
    _require(family in FAMILIES, f"{words!r} has the unknown family {family!r}")
    _require(points.shape == shape, f"{words!r} needs points of shape {shape}, not {points.shape}")
    cells = itertools.product(*(axis.labels for axis in axes))
    labels = [" and ".join(cell) for cell in cells]
    return Term(axes, family, words, points.ravel(), labels)


class Unpredictable(NamedTuple):
    """A kind of lead without a prediction, since sales has worked almost none of them.

    A lead is of the kind where the ``log_odds`` of its bins and the intercept sum to less than
    ``below``.
    """

    reason: str
    below: float
    intercept: float
    axes: list[Axis]
    log_odds: list[Array]

    def holds(self, X: pd.DataFrame) -> Array:
        """Whether each lead is of the kind."""
        parts = zip(self.axes, self.log_odds, strict=True)
        return sum((odds[axis.bins(X)] for axis, odds in parts), self.intercept) < self.below


def _parse_unpredictable(content: Content) -> Unpredictable:
    features = content["features"]
    axes = [_parse_axis({**feature, "labels": feature["log_odds"]}) for feature in features]
    _require(axes, f"{content['says']!r} names no feature")
    odds = [np.array(feature["log_odds"], float) for feature in features]
    limits = float(content["below"]), float(content["intercept"])
    return Unpredictable(str(content["says"]), *limits, axes, odds)


class Contribution(NamedTuple):
    """What one term adds to a lead's score."""

    features: list[str]
    words: str
    family: str
    values: list[Any]
    label: str
    points: float  # an int in format 2


class Scorecard(_Document):
    """A table of points: ``score = start + the points of a lead's cells``.

    50 is an average lead; every 10 points double the odds. Where a method takes the features
    ``X``, it takes their points as well. In format 2, points and scores are whole numbers. In
    format 1 they are not, and the start is ``50 + intercept``.

    Attributes
    ----------
    whole : bool
        Whether points and scores are whole numbers.
    start : int or float
    level : float
        Log-odds of a lead with 50 points.
    base_rate : float
        Win rate of the leads that it learned from.
    ready_at : int or float
        The score from which the model calls a lead ready.
    grades, levels : mapping
        The points from which fit and engagement have each grade and level.
    lines : sequence of mapping
        The points of each feature, with labels and counts, as in the file.

    Examples
    --------
    >>> card = Scorecard.from_dict({
    ...     "format": 2, "start": 50, "level": -2.2, "base_rate": 0.1, "ready_at": 55,
    ...     "grades": {"A": 6, "B": 0, "C": -5}, "levels": {"1": 8, "2": 1, "3": -4},
    ...     "lines": [{"name": "employees", "family": "firmographic", "kind": "number",
    ...                "cuts": [50.0], "points": [0, -10, 10],
    ...                "labels": ["unknown", "under 50", "50 or more"]}]})
    >>> card.score(pd.DataFrame({"employees": [20, 50, None]}))
    array([40, 60, 50])
    >>> card.score(pd.DataFrame({"size": [20]}))
    Traceback (most recent call last):
    model.serving.ServingError: 1 of 1 columns are not in the table: employees (hint: ...)
    """

    def _parse(self) -> None:
        content, form = self.content, self.content.get("format")
        what = f"this scorecard has format {form!r}, and only formats 1 and 2 can be read here"
        _require(form in (1, 2), what, "use the version of leadready that wrote it, or train again")
        self.base_rate = float(content["base_rate"])
        _require(0 < self.base_rate < 1, "base_rate must be between 0 and 1")
        self.whole = form == 2
        self._parse_thresholds(content)
        self.lines = content["lines" if self.whole else "features"]
        pairs = () if self.whole else content.get("pairs") or ()
        self.axes = {line["name"]: _parse_axis(line) for line in self.lines}
        _require(len(self.axes) == len(self.lines), "the scorecard has a feature twice")
        parts = [((line["name"],), line) for line in self.lines]
        parts += [(tuple(pair["features"]), pair) for pair in pairs]
        self.terms = [
            _parse_term(tuple(self.axes[name] for name in names), part, self.whole)
            for names, part in parts
        ]
        self.unpredictable = list(map(_parse_unpredictable, content.get("no_claim") or ()))
        others = (axis.name for kind in self.unpredictable for axis in kind.axes)
        self.features = list(dict.fromkeys([*self.axes, *others]))
        self.fit = np.array([term.family in FIT for term in self.terms], bool)
        self.engagement = np.array([term.family == ENGAGEMENT for term in self.terms], bool)
        self._lay_out_cells()

    def _parse_thresholds(self, content: Content) -> None:
        """Read the start, the level, and the points from which a lead is ready or has a grade."""
        first = "start" if self.whole else "intercept"
        both = [content[first], content["ready_at"]]
        start, self.ready_at = _numbers(both, f"{first} and ready_at", self.whole).tolist()
        self.start = start if self.whole else 50 + start
        odds = self.base_rate / (1 - self.base_rate)
        self.level = float(content["level"] if self.whole else np.log(odds))
        _require(np.isfinite(self.level), "level must be a finite number")
        self.grades, self.levels = (
            dict(zip(bands, _numbers([*bands.values()], key, self.whole).tolist(), strict=True))
            for key, bands in (("grades", content["grades"]), ("levels", content["levels"]))
        )

    def _lay_out_cells(self) -> None:
        """Put the cells of all terms into one table, with their order and their reasons."""
        self.starts = np.cumsum([0, *(len(term.points) for term in self.terms)])
        zero, form = ([0], "+d") if self.whole else ([0.0], "+.1f")
        self.table = np.concatenate([*(term.points for term in self.terms), zero])
        self.order = np.argsort(self.table, kind="stable")
        self.rank = np.argsort(self.order).astype(np.int32)
        cells = [f"{term.words}: {label}" for term in self.terms for label in term.labels]
        reasons = [f"{cell} ({size:{form}})" for cell, size in zip(cells, self.table, strict=False)]
        self.first_reasons = pd.array([*reasons, ""], dtype="str")
        self.next_reasons = pd.array([*(f"; {reason}" for reason in reasons), ""], dtype="str")

    def cells(self, X: pd.DataFrame) -> Array:
        """Return each lead's cell of the long table for each term, shape (terms, leads)."""
        _require_columns(X, self.axes)
        bins = {name: axis.bins(X) for name, axis in self.axes.items()}
        cells = np.empty((len(self.terms), len(X)), np.int32)
        for place, term in enumerate(self.terms):
            cell = bins[term.axes[0].name]
            for axis in term.axes[1:]:
                cell = cell * len(axis.labels) + bins[axis.name]
            cells[place] = cell + self.starts[place]
        return cells

    def points(self, X: pd.DataFrame | Array) -> Array:
        """Points of each lead for each term, shape (leads, terms)."""
        return X if isinstance(X, np.ndarray) else self.table[self.cells(X)].T

    def score(self, X: pd.DataFrame | Array) -> Array:
        """50 is an average lead; 60 has twice its odds of being won, 40 half of them."""
        return self.start + _row_sums(self.points(X))

    def log_odds(self, X: pd.DataFrame | Array) -> Array:
        """Logarithm of the odds of being won within the horizon."""
        return self.level + (self.score(X) - 50) / 10 * np.log(2)

    def probability(self, X: pd.DataFrame | Array) -> Array:
        """Calibrated probability of being won within the horizon, between 0 and 1."""
        return 1 / (1 + np.exp(-self.log_odds(X)))

    def fit_points(self, X: pd.DataFrame | Array) -> Array:
        """Sum of the firmographic, role and origin points."""
        return _row_sums(self.points(X)[:, self.fit])

    def engagement_points(self, X: pd.DataFrame | Array) -> Array:
        """Sum of the engagement points."""
        return _row_sums(self.points(X)[:, self.engagement])

    def warnings(self, X: pd.DataFrame) -> Any:
        """Give the reasons why a lead has no prediction; most leads have none."""
        _require_columns(X, self.features)
        masks = dict[str, Array]()
        for kind in self.unpredictable:
            masks[kind.reason] = masks.get(kind.reason, False) | kind.holds(X)
        return _joined_names(masks, X, between="; ")

    def explain(self, row: Mapping[str, Any]) -> list[Contribution]:
        """List what each term adds to one lead's score, the largest first."""
        contributions, cells = [], self.cells(pd.DataFrame([dict(row)]))[:, 0]
        for term, cell, start in zip(self.terms, cells, self.starts, strict=False):
            names = [axis.name for axis in term.axes]
            values = [None if pd.isna(row[name]) else row[name] for name in names]
            label, points = term.labels[cell - start], self.table[cell].item()
            contribution = Contribution(names, term.words, term.family, values, label, points)
            contributions.append(contribution)
        return sorted(contributions, key=lambda contribution: -abs(contribution.points))

    def reasons(self, cells: Array, sign: int, most: int) -> Any:
        """Write the largest points of one sign: ``employees: 200 or more (+9); …``."""
        none, ranks = len(self.table) - 1, self.rank[cells] * sign
        text: Any = self.first_reasons.take(np.full(cells.shape[1], none))
        for number in range(min(most, len(cells))):
            best = ranks.max(axis=0)
            cell = self.order[best * sign]
            cell = np.where(self.table[cell] * sign < SMALLEST_REASON, none, cell)
            text = text + self.next_reasons.take(cell) if number else self.first_reasons.take(cell)
            ranks[ranks == best] = -len(self.table)
        return text


# -- the definition -------------------------------------------------------------------------------


def _day_number(date: Any) -> int:
    return (pd.Timestamp(str(date), tz="UTC") - EPOCH).days


BOUNDS: dict[str, Callable[[Any], tuple[float, float]]] = {
    "at_least": lambda number: (number, np.inf),
    "at_most": lambda number: (-np.inf, number),
    "between": lambda bounds: (bounds[0], bounds[1]),
    "before": lambda date: (-np.inf, _day_number(date) - 1),
    "after": lambda date: (_day_number(date) + 1, np.inf),
}
OPERATORS = (*BOUNDS, "one_of", "none_of", "equals", "is_missing")


class Criterion(NamedTuple):
    """A condition on one feature, such as ``employees`` ``at_least`` 50.

    The ``id`` may be empty where points are given for a criterion.
    """

    id: str
    feature: str
    operator: str
    operand: Any  # a number, text, day, True or False, or a tuple of them
    asked_by: str | None = None
    because: str | None = None

    @classmethod
    def from_dict(cls, content: Content) -> Self:
        """Read a criterion as it stands in the file: ``{id, feature, OPERATOR: operand}``."""
        operators = [key for key in content if key in OPERATORS]
        expected = f"criterion {content.get('id')!r} needs one of {', '.join(OPERATORS)}"
        _require(len(operators) == 1, f"{expected}, and has {len(operators)}")
        operand = content[operators[0]]
        return cls(
            content.get("id", ""),
            content["feature"],
            operators[0],
            tuple(operand) if isinstance(operand, list) else operand,
            content.get("asked_by"),
            content.get("because"),
        )

    @property
    def operands(self) -> tuple[Any, ...]:
        """The operand as a tuple, also where it is a single value."""
        return self.operand if isinstance(self.operand, tuple) else (self.operand,)

    def to_dict(self) -> dict[str, Any]:
        """Return it as it stands in the file."""
        operand = list(self.operand) if isinstance(self.operand, tuple) else self.operand
        content = {"id": self.id, "feature": self.feature, self.operator: operand}
        reasons = {"asked_by": self.asked_by, "because": self.because}
        return content | {key: reason for key, reason in reasons.items() if reason is not None}


class Group(NamedTuple):
    """Rules of which ``all``, ``any`` (at least one) or ``none`` must hold."""

    kind: str
    rules: tuple[Criterion | Group, ...]

    @classmethod
    def from_content(cls, content: Any, kind: str) -> Group:
        """Read a group, or a list or a single criterion that stands for a group of that kind."""
        if not isinstance(content, Mapping):
            return Group(kind, tuple(map(_parse_rule, content)))
        rule = _parse_rule(content)
        return rule if isinstance(rule, Group) else Group(kind, (rule,))

    @property
    def criteria(self) -> Iterator[Criterion]:
        """All criteria, in the order of the file."""
        for rule in self.rules:
            if isinstance(rule, Group):
                yield from rule.criteria
            else:
                yield rule

    def to_dict(self) -> dict[str, Any]:
        """Return it as it stands in the file."""
        return {self.kind: [rule.to_dict() for rule in self.rules]}


Rule = Criterion | Group
NO_RULES = Group("any", ())


def _parse_rule(content: Content) -> Rule:
    """Read a criterion or a group; several kinds in one mapping must hold together."""
    groups = [
        Group(kind, tuple(map(_parse_rule, content[kind]))) for kind in GROUPS if kind in content
    ]
    if not groups:
        return Criterion.from_dict({"id": content["id"], **content})
    for group in groups:
        _require(group.rules, f"the list under {group.kind!r} is empty")
    return groups[0] if len(groups) == 1 else Group("all", tuple(groups))


def holds(criterion: Criterion, X: pd.DataFrame) -> Array:
    """Evaluate a criterion for every lead: 1 it holds, -1 it fails, 0 the value is missing."""
    operator, operand, column = criterion.operator, criterion.operand, X[criterion.feature]
    if operator == "is_missing":
        return np.where(column.isna() == operand, 1, -1)
    if operator in BOUNDS:
        values, bounds = _column_numbers(column, operator in ("before", "after")), BOUNDS[operator]
        low, high = bounds(operand)
        return np.where((values >= low) & (values <= high), 1, -1) * ~np.isnan(values)
    listed = {data_text(value) for value in criterion.operands}
    hit = -1 if operator == "none_of" else 1
    return _column_codes(column, lambda text: hit if text in listed else -hit, missing=0)


class Evaluated(NamedTuple):
    """A rule's value for every lead, with its parts."""

    rule: Rule
    value: Array
    parts: list[Evaluated]

    def explain(self, leads: Array, failed: dict[str, Array], missing: dict[str, Array]) -> None:
        """Collect why the rule does not hold: by criterion and feature, the leads it concerns."""
        if isinstance(self.rule, Criterion):
            criterion = self.rule
            for found, name, value in (
                (failed, criterion.id, -1),
                (missing, criterion.feature, 0),
            ):
                found[name] = found.get(name, False) | (leads & (self.value == value))
        for part in self.parts:  # while "any" is open, its failed parts decide nothing
            part.explain(leads & (part.value >= self.value), failed, missing)


def _evaluate(rule: Rule, X: pd.DataFrame, negated: bool = False) -> Evaluated:
    """Evaluate nested rules by Kleene's logic: "and" is the least value, "or" the greatest."""
    match rule:
        case Criterion():
            value = holds(rule, X).astype(np.int8) * (-1 if negated else 1)
            return Evaluated(rule, value, [])
        case Group(kind, rules):
            negated = negated != (kind == "none")
            least = (kind == "all") != negated
            parts = [_evaluate(part, X, negated) for part in rules]
            value = reduce(np.minimum if least else np.maximum, [part.value for part in parts])
            return Evaluated(rule, value, parts)


class Verdicts(NamedTuple):
    """The rules' verdict on each lead, the criteria that failed, the features that are missing."""

    verdict: Any
    failed: Any
    missing: Any
    code: Array


def rule_codes(X: pd.DataFrame, ready: Rule, never: Group = NO_RULES) -> Array:
    """Give each lead's verdict as a position in ``VERDICTS``, without the reasons.

    Examples
    --------
    >>> size = Criterion("size", "employees", "at_least", 50)
    >>> rule_codes(pd.DataFrame({"employees": [60, 20, None]}), size).tolist()
    [2, 0, 1]
    """
    return _code(*_evaluate_both(X, ready, never))


def _evaluate_both(X: pd.DataFrame, ready: Rule, never: Group) -> tuple[Evaluated, list[Evaluated]]:
    ruled_out = [_evaluate(never, X, negated=True)] if never.rules else []
    return _evaluate(ready, X), ruled_out


def _code(is_ready: Evaluated, ruled_out: list[Evaluated]) -> Array:
    value = reduce(np.minimum, [part.value for part in (is_ready, *ruled_out)])
    is_never = ruled_out[0].value < 0 if ruled_out else np.zeros(len(value), bool)
    return np.where(is_never, NEVER, value + 1)


def apply_rules(
    X: pd.DataFrame,
    ready: Rule,
    never: Group = NO_RULES,
    words: Mapping[str, str] | None = None,
) -> Verdicts:
    """Evaluate for every lead what makes it ready and what rules it out.

    Parameters
    ----------
    words : mapping, optional
        What features are called where they are missing.

    Examples
    --------
    >>> size = Criterion("size", "employees", "at_least", 50)
    >>> verdicts = apply_rules(pd.DataFrame({"employees": [60, 20, None]}), size)
    >>> list(zip(verdicts.verdict, verdicts.failed, verdicts.missing))
    [('ready', '', ''), ('not ready', 'size', ''), ('unknown', '', 'employees')]
    """
    is_ready, ruled_out = _evaluate_both(X, ready, never)
    code = _code(is_ready, ruled_out)
    is_never = code == NEVER
    failed, missing = dict[str, Array](), dict[str, Array]()
    is_ready.explain(~is_never, failed, missing)
    for part in ruled_out:
        part.explain(is_never | ~is_never, failed, missing)
    missing = {name: mask & ~is_never for name, mask in missing.items()}
    names = _joined_names(failed, X), _joined_names(missing, X, words)
    return Verdicts(_take(VERDICTS, code), *names, code)


class Expectation(NamedTuple):
    """How a feature should move the score, as both teams expect: increasing or decreasing."""

    feature: str
    direction: str
    asked_by: str | None = None
    because: str | None = None


class CriterionPoints(NamedTuple):
    """Points that people assign today to every lead that meets a criterion."""

    criterion: Criterion
    points: float


class Points(NamedTuple):
    """The manual scoring that the model replaces: a lead is ready from ``threshold`` points."""

    threshold: float | None = None
    give: tuple[CriterionPoints, ...] = ()


class Example(NamedTuple):
    """A lead on whose verdict the teams agree; features that it leaves out are missing."""

    lead: Mapping[str, Any]
    verdict: str
    because: str | None = None
    id: str | None = None


class Handoff(NamedTuple):
    """How leads are handed over.

    Attributes
    ----------
    decide_by : str
        Who decides where rules and model disagree: ``review``, ``rules`` or ``model``.
    per_week : float or None
        How many leads sales can take.
    follow_up_hours : float or None
        How soon sales follows up.
    explore : float
        Share of the nurtured leads that is handed over at random, to learn from.
    """

    decide_by: str = "review"
    per_week: float | None = None
    follow_up_hours: float | None = None
    explore: float = 0


class Tolerance(NamedTuple):
    """Limits for the checks before promotion; None where the teams agreed on none."""

    agreement: float | None = None
    criterion: float | None = None
    calibration: float | None = None
    champion: float | None = None


class Signature(NamedTuple):
    """Who signed for a team, when, and the digest of what was signed."""

    team: str
    name: str = ""
    on: str = ""
    digest: str = ""


def _fields(kind: Callable[..., Record], content: Content | None) -> Record:
    """Make a named tuple of the keys for which it has fields."""
    names = inspect.get_annotations(kind)
    return kind(**{key: value for key, value in (content or {}).items() if key in names})


class Definition(_Document):
    """What was agreed: rules, three-valued on missing data, and the terms of the hand-off.

    Attributes
    ----------
    ready, never : Group
        What makes a lead ready, and what rules it out; ``never`` may be empty.
    criteria : tuple of Criterion
        Of both, in the order of the file.
    features : tuple of str
        What the criteria use.
    version : str
        As text; empty where the file has none.
    name, moment : str or None
    horizon_days : int or None
    terms : mapping of str to str
    teams : tuple of str
        The teams that have to sign.
    expect : tuple of Expectation
    points : Points
    examples : tuple of Example
    handoff : Handoff
    tolerance : Tolerance
    signatures : tuple of Signature
        As in the file, whether they hold or not.
    digest : str
        Of everything but the signatures.
    content : mapping
        As in the file.

    Examples
    --------
    >>> agreed = Definition.from_dict({
    ...     "ready_when": {"all": [{"id": "size", "feature": "employees", "at_least": 50}]},
    ...     "never_when": [{"id": "student", "feature": "seniority", "one_of": ["student"]}]})
    >>> leads = pd.DataFrame({"employees": [60, 20, None], "seniority": ["vp", None, "student"]})
    >>> list(agreed.evaluate(leads).verdict)
    ['ready', 'not ready', 'never']
    >>> agreed.ready.rules[0].operand
    50
    """

    how_to_repair = "leadready check shows the line"

    def _parse(self) -> None:
        content = self.content
        self.version, self.digest = str(content.get("version", "")), digest(content)
        self.name: str | None = content.get("name")
        self.moment: str | None = content.get("moment")
        self.horizon_days: int | None = content.get("horizon_days")
        self.terms: dict[str, str] = dict(content.get("terms") or {})
        self.teams: tuple[str, ...] = tuple(content.get("teams") or TEAMS)
        self.expect = tuple(_fields(Expectation, part) for part in content.get("expect") or ())
        self.points = _parse_points(content.get("points") or {})
        self.examples = tuple(_fields(Example, part) for part in content.get("examples") or ())
        self.handoff = _fields(Handoff, content.get("handoff"))
        self.tolerance = _fields(Tolerance, content.get("tolerance"))
        self.signatures = tuple(_fields(Signature, part) for part in content.get("agreed") or ())
        decide_by = self.handoff.decide_by
        _require(
            decide_by in SETTLED, f"decide_by must be one of {', '.join(SETTLED)}, not {decide_by}"
        )
        _require(0 <= self.handoff.explore <= 1, "explore must be a share between 0 and 1")
        rules_only, model_only = SETTLED[decide_by]
        self.decisions = (
            "nurture",
            model_only,
            "nurture",
            "review",
            rules_only,
            "hand off",
            "never",
            "never",
            "explore",
        )
        self.ready = Group.from_content(content["ready_when"], "all")
        _require(self.ready.rules, f"the list under {self.ready.kind!r} is empty")
        self.never = Group.from_content(content.get("never_when") or (), "any")
        self.criteria = (*self.ready.criteria, *self.never.criteria)
        self.features = tuple(dict.fromkeys(criterion.feature for criterion in self.criteria))
        self.evaluate(pd.DataFrame(columns=self.features, dtype="object"))

    @property
    def directions(self) -> dict[str, int]:
        """The direction expected of each feature: 1 is increasing, -1 decreasing."""
        return {each.feature: DIRECTIONS[each.direction] for each in self.expect}

    @property
    def signed_by(self) -> tuple[str, ...]:
        """The teams whose signature is over exactly this content."""
        return tuple(line.team for line in self.signatures if line.digest == self.digest)

    @property
    def signed(self) -> bool:
        """Whether every team that has to sign has signed this content."""
        return set(self.teams) <= set(self.signed_by)

    @property
    def draft(self) -> bool:
        """Whether it is still the draft that a program wrote, which nobody has signed."""
        return bool(self.content.get("draft")) and not self.signatures

    @property
    def version_label(self) -> str:
        """Its version, as every scored lead names it."""
        return self.version if self.signed else f"{self.version} (not signed)".strip()

    def intact(self) -> Self:
        """Refuse content that was changed after a team signed it."""
        void = [line.team for line in self.signatures if line.digest != self.digest]
        what = f"the definition was changed after {' and '.join(void)} signed it"
        _require(not void, what, "restore what was signed, or sign it again")
        return self

    def evaluate(self, X: pd.DataFrame, words: Mapping[str, str] | None = None) -> Verdicts:
        """Apply the rules to every lead; ``words`` name the features that are missing."""
        _require_columns(X, self.features)
        return apply_rules(X, self.ready, self.never, words)

    def codes(self, X: pd.DataFrame) -> Array:
        """Give each lead's verdict as a position in ``VERDICTS``, without the reasons."""
        _require_columns(X, self.features)
        return rule_codes(X, self.ready, self.never)


def _parse_points(content: Content) -> Points:
    give = content.get("give") or ()
    given = (CriterionPoints(Criterion.from_dict(part), part["points"]) for part in give)
    return Points(content.get("threshold"), tuple(given))


def digest(content: Content) -> str:
    """SHA-256 of everything in a definition but ``agreed``; the order of keys does not matter.

    Examples
    --------
    >>> digest({"version": 4, "agreed": []}) == digest({"version": 4}) != digest({"version": 5})
    True
    """
    signed = {key: value for key, value in content.items() if key not in ("agreed", "draft")}
    text = json.dumps(signed, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def exploration_draws(lead_ids: Iterable[str]) -> Array:
    """Draw a number in [0, 1) for each lead, which depends on its id alone.

    It is the first 4 bytes of the SHA-256 of ``explore:<lead_id>``, big end first. Any engine can
    compute it, and it never changes: a lead that is scored daily is drawn once.

    Examples
    --------
    >>> exploration_draws(["lead-1", "lead-2"]).round(3)
    array([0.489, 0.824])
    """
    ids = (f"explore:{lead_id}".encode() for lead_id in lead_ids)
    hashes = [hashlib.sha256(lead_id).digest()[:4] for lead_id in ids]
    return np.frombuffer(b"".join(hashes), ">u4") / 2**32


def _take(values: Iterable[Any], codes: Array) -> Any:
    return pd.Index(list(values)).take(codes).array


def _joined_names(
    masks: Mapping[str, Array],
    X: pd.DataFrame,
    words: Mapping[str, str] | None = None,
    between: str = ", ",
) -> Any:
    """Join the names whose mask holds, lead by lead, writing each pattern of masks once."""
    pattern, names = np.zeros(len(X), np.int64), [(words or {}).get(name, name) for name in masks]
    for mask in masks.values():
        pattern = pd.factorize(pattern * 2 + mask)[0]
    rows = np.unique(pattern, return_index=True)[1]
    patterns = [[mask[row] for mask in masks.values()] for row in rows]
    texts = [between.join(itertools.compress(names, chosen)) for chosen in patterns]
    return _take([*texts, ""], pattern)


def _bands(points: Array, at_least: Mapping[str, float], otherwise: str) -> Any:
    """Give each lead the best name whose threshold it reaches."""
    rising = sorted(at_least.items(), key=lambda band: band[1])
    places = np.searchsorted([threshold for _, threshold in rising], points, side="right")
    return _take([otherwise, *(name for name, _ in rising)], places)


# -- scoring --------------------------------------------------------------------------------------


def score_leads(
    X: pd.DataFrame, scorecard: Scorecard, definition: Definition, **options: Any
) -> pd.DataFrame:
    """Score a table of leads; ``options`` are those of ``score_chunks``."""
    return pd.concat(score_chunks(X, scorecard, definition, **options))


def score_known(
    X: pd.DataFrame, scorecard: Scorecard, definition: Definition, **options: Any
) -> pd.DataFrame:
    """Score a table that may lack features: these are unknown, and ``warning`` names them.

    A column ``with_sales`` says which leads sales already has, and ``options`` are those of
    ``score_chunks``.
    """
    required = list(dict.fromkeys([*scorecard.features, *definition.features]))
    absent = [name for name in required if name not in X.columns]
    what = f"none of the {len(required)} features is in the table: {', '.join(required)}"
    _require(len(absent) < len(required), what, "name the columns like the features")
    nothing = pd.DataFrame(None, X.index, absent, dtype=object)
    scores = score_leads(pd.concat([X, nothing], axis=1), scorecard, definition, **options)
    if absent:
        note = f"not in the table: {', '.join(absent)}"
        warning = [f"{own}; {note}" if own else note for own in scores["warning"]]
        scores["warning"] = pd.array(warning, dtype="str")
    if "with_sales" in X:
        has = X["with_sales"].eq(True).fillna(False).to_numpy(bool)
        scores["decision"] = scores["decision"].mask(has, WITH_SALES)
    return scores


def score_chunks(
    X: pd.DataFrame,
    scorecard: Scorecard,
    definition: Definition,
    *,
    lead_id: Any = None,
    as_of: Any = None,
    model_version: Any = "",
    scored_at: Any = None,
    reasons: int = 3,
    rows: int = 50_000,
) -> Iterator[pd.DataFrame]:
    """Score leads a chunk at a time, so that memory stays bounded.

    Parameters
    ----------
    X : DataFrame
        Every feature of scorecard and definition as a column; other columns are ignored.
    lead_id, as_of : array-like or scalar, optional
        Whose features these are, and when they were known (default: columns of ``X``, else
        missing).
    scored_at : timestamp, optional
        Default: now (UTC).
    reasons : int
        The most reasons for, and the most against.
    rows : int
        The most leads in a chunk.

    Yields
    ------
    DataFrame
        Indexed as ``X``: ids, probability and points, the rules' verdict, the decision, reasons.
    """
    ids = _column_or(X, "lead_id", lead_id).astype("str").array
    times = _utc(_column_or(X, "as_of", as_of))
    now = _utc(pd.Series([pd.Timestamp.now("UTC") if scored_at is None else scored_at]))[0]
    versions = (str(model_version), definition.version_label, now)
    for start in range(0, len(X) or 1, rows):
        part = slice(start, start + rows)
        leads, keys = X.iloc[part], (ids[part], times[part])
        yield _score_chunk(leads, scorecard, definition, keys, versions, reasons)


def _column_or(X: pd.DataFrame, name: str, values: Any) -> pd.Series[Any]:
    values = X.get(name) if values is None else values
    scalar = values is None or isinstance(values, (str, pd.Timestamp))
    return pd.Series(values if scalar else np.asarray(values), range(len(X)))


def _utc(times: pd.Series[Any]) -> Any:
    utc = pd.to_datetime(times, utc=True, format="ISO8601")
    return utc.dt.tz_localize(None).astype("datetime64[us]").array


def _score_chunk(
    X: pd.DataFrame,
    scorecard: Scorecard,
    definition: Definition,
    keys: tuple[Any, Any],
    versions: tuple[Any, Any, Any],
    reasons: int,
) -> pd.DataFrame:
    cells = scorecard.cells(X)
    points = scorecard.table[cells].T
    score, fit = scorecard.score(points), scorecard.fit_points(points)
    engagement, ready = scorecard.engagement_points(points), score >= scorecard.ready_at
    rules = definition.evaluate(X, {name: axis.words for name, axis in scorecard.axes.items()})
    both, (ids, times) = rules.code * 2 + ready, keys
    columns = {
        "lead_id": ids,
        "as_of": times,
        "probability": scorecard.probability(points),
        "score": score,
        "fit_points": fit,
        "engagement_points": engagement,
        "grade": _bands(fit, scorecard.grades, "D"),
        "level": _bands(engagement, scorecard.levels, "4").astype("int64"),
        "rules_verdict": rules.verdict,
        "failed_criteria": rules.failed,
        "missing": rules.missing,
        "model_verdict": _take(("not ready", "ready"), ready.astype(int)),
        "agreement": _take(AGREEMENT, both),
        "decision": _decisions(definition, both, ids),
        "reasons_for": scorecard.reasons(cells, +1, reasons),
        "reasons_against": scorecard.reasons(cells, -1, reasons),
        "warning": scorecard.warnings(X),
    }
    scored = pd.DataFrame(columns, index=X.index)
    names = ("model_version", "definition_version", "scored_at")
    return scored.assign(**dict(zip(names, versions, strict=True)))


def _decisions(definition: Definition, both: Array, ids: Any) -> Any:
    if definition.handoff.explore > 0:
        nurtured = np.array([name == "nurture" for name in definition.decisions])[both]
        rows = np.flatnonzero(nurtured & ~ids.isna())
        drawn = exploration_draws(ids[rows].to_numpy("object")) < definition.handoff.explore
        both[rows[drawn]] = len(definition.decisions) - 1
    return _take(definition.decisions, both)


def _registered_version(path: str, scorecard: Scorecard) -> str:
    if label := scorecard.content.get("version"):  # only its level was moved: 3.1, not a number
        return str(label)
    for folder in Path(path).parents:  # MLflow leaves this note beside a version it downloads
        if (note := folder / "registered_model_meta").is_file():
            return str(yaml.load(note.read_text(encoding="utf-8"), Yaml)["model_version"])
    return f"scorecard {digest(scorecard.content)[:12]}"


def _serve() -> None:
    import mlflow

    class LeadReadiness(mlflow.pyfunc.PythonModel):  # type: ignore[misc]  # a base without types
        def load_context(self, context: Any) -> None:
            files = context.artifacts
            self.scorecard = Scorecard.from_file(files["scorecard"])
            self.definition = Definition.from_file(files["definition"]).intact()
            self.version = _registered_version(files["scorecard"], self.scorecard)

        def predict(
            self, context: Any, model_input: pd.DataFrame, params: Any = None
        ) -> pd.DataFrame:
            options = {"model_version": self.version, **(params or {})}
            return score_known(
                pd.DataFrame(model_input), self.scorecard, self.definition, **options
            )

    mlflow.models.set_model(LeadReadiness())


if re.fullmatch(r"code_model_[0-9a-f]+", __name__):  # MLflow runs this file, under a fresh name
    _serve()
