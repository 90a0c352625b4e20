"""Print every figure beside its goal: `make bench`, or `python -m benchmarks NAME…` for some of them."""

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks import Figure


def show(figure: Figure) -> str:
    """Write one figure as a line."""
    verdict = "ok  " if figure.measured <= figure.goal else "OVER"
    return f"  {verdict} {figure.measured:>10.4g} {figure.unit:<4} (goal {figure.goal:g}) {figure.name}"


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all but those that take minutes."""
    found = sorted(
        module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__"
    )
    for name in names or found:
        module = importlib.import_module(f"benchmarks.{name}")
        if not hasattr(module, "figures") or (not names and hasattr(module, "ONLY_BY_NAME")):
            continue
        print(name, flush=True)
        for figure in module.figures():
            print(show(figure), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
