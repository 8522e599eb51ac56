"""Paths of files in the YAML that ``leadready init`` writes."""

from __future__ import annotations

import os
from pathlib import Path


def path_text(file: Path, home: Path) -> str:
    """Give the path from the workspace if the file is near, else the absolute path.

    Examples
    --------
    >>> path_text(Path("data/leads.csv"), Path("acme"))
    '../data/leads.csv'
    """
    relative = os.path.relpath(file.resolve(), home.resolve())
    return relative if relative.count("..") <= 2 else str(file.resolve())
