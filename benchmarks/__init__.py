"""Figures of Cmdarr, measured as ratios within one run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside its goal.

    `measured` and `goal` carry the unit; a ratio has the unit `x` and names both sides in `name`. Smaller is better.
    """

    name: str
    measured: float
    goal: float
    unit: str
