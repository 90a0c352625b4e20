"""A config folder with its reloader and the watcher's loop, on a clock and an observer that the test moves."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fakes_loading import CATALOG

from cmdarr.config.load import Loader
from cmdarr.config.reload import Reloader, ReloadOutcome, ReloadResult
from cmdarr.config.settings import Settings
from cmdarr.config.snapshot import Snapshot
from cmdarr.config.tree import Tree
from cmdarr.config.watch.loop import WatchLoop
from cmdarr.config.watch.observation import Observation
from cmdarr.config.watch.wakeup import WakeUp
from cmdarr.models.clock import Clock
from cmdarr.models.generation import GoodDocument

COMMAND = "kind: refresh\ndescription: NAME\n"
BROKEN = "kind: refresh\ndescripton: NAME\n"


class MovableClock:
    """A clock that only the test moves. It stands in the past, so that no file ever looks old enough to be trusted."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> datetime:
        return datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    def advance(self, seconds: float) -> None:
        self.elapsed += seconds


class MemoryGood:
    """Good documents in memory; `failure` is raised instead of keeping them."""

    def __init__(self, documents: Mapping[str, GoodDocument] | None = None) -> None:
        self.documents = dict(documents or {})
        self.generations: list[str] = []
        self.failure: Exception | None = None

    def load_good(self) -> Mapping[str, GoodDocument]:
        return dict(self.documents)

    def replace_good(self, generation: str, documents: Sequence[GoodDocument]) -> None:
        if self.failure is not None:
            raise self.failure
        self.generations.append(generation)
        self.documents = {document.file: document for document in documents}


class FailingLoader:
    """The real loader, until `failure` is set."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.failure: Exception | None = None
        self.loads = 0

    def load(self, tree: Tree, *, settings_in_force: Settings | None = None) -> Snapshot:
        self.loads += 1
        if self.failure is not None:
            raise self.failure
        return self.loader.load(tree, settings_in_force=settings_in_force)


class FakeObserver:
    """An observer that announces nothing by itself."""

    def __init__(self, folders: Sequence[Path], failure: OSError | None = None) -> None:
        self.folders: tuple[Path, ...] = tuple(folders)
        self.failure = failure
        self.alive = False

    def start(self) -> None:
        if self.failure is not None:
            raise self.failure
        self.alive = True

    def stop(self) -> None:
        self.alive = False

    def is_alive(self) -> bool:
        return self.alive


class Observers:
    """Makes fake observers and remembers them; `failure` keeps new ones from starting."""

    def __init__(self) -> None:
        self.made: list[FakeObserver] = []
        self.failure: OSError | None = None

    def __call__(self, folders: Sequence[Path], wake: WakeUp) -> FakeObserver:
        self.made.append(FakeObserver(folders, self.failure))
        return self.made[-1]

    @property
    def last(self) -> FakeObserver:
        return self.made[-1]


class Configured:
    """A config folder, its reloader, and what came of every reload that did something."""

    def __init__(
        self, root: Path, clock: Clock | None = None, wait: Callable[[float], None] | None = None
    ) -> None:
        self.path = root / "config"
        (self.path / "commands").mkdir(parents=True, exist_ok=True)
        self.clock = MovableClock()
        self.used_clock, self.wait = clock or self.clock, wait or self.clock.advance
        self.environ: dict[str, str] = {"TZ": "Europe/Berlin"}
        self.good = MemoryGood()
        self.results: list[ReloadResult] = []
        self.make()

    def make(self) -> None:
        """Make the reloader anew, as a restart does."""
        self.loader = FailingLoader(Loader(CATALOG, environ=self.environ, clock=self.used_clock))
        self.reloader = Reloader(self.path, self.loader, self.good, self.used_clock, wait=self.wait)
        self.reloader.add_listener(lambda before, after, result: self.results.append(result))

    def restart(self, *, no_last_good: bool = False) -> Snapshot:
        self.make()
        return self.reloader.start(no_last_good=no_last_good)

    def write(self, name: str, text: str = COMMAND) -> Path:
        path = self.path / name
        path.write_text(text.replace("NAME", path.stem), encoding="utf-8")
        return path

    def write_commands(self, count: int) -> None:
        for index in range(count):
            self.write(f"commands/c{index}.yaml")

    @property
    def commands(self) -> dict[str, str]:
        """Name -> state of every command in force."""
        return {name: str(entry.state) for name, entry in self.reloader.current.commands.items()}

    def description(self, name: str) -> str:
        options = self.reloader.current.commands[name].options
        assert options is not None, f"{name} cannot run"
        return options.description

    @property
    def outcomes(self) -> list[ReloadOutcome]:
        return [result.outcome for result in self.results]


class Watched(Configured):
    """A configured folder that the watcher's loop follows, on a clock and with events that the test makes."""

    def begin(self, mountinfo: str = "", *, commands: int = 2) -> "Watched":
        self.write("settings.yaml", "")
        self.write_commands(commands)
        self.reloader.start()
        self.observers = Observers()
        self.wake = WakeUp()
        folders = (self.path, self.path / "commands")
        self.observation = Observation(folders, self.wake, self.observers, self.clock)
        self.loop = WatchLoop(
            self.path, self.reloader, self.observation, self.wake, self.clock, mountinfo=lambda: mountinfo
        )
        return self

    def event(self, event_type: str = "closed", name: str = "commands/c0.yaml") -> None:
        self.wake.announce(event_type, str(self.path / name), is_directory=False)

    def save(self, name: str, text: str = COMMAND) -> None:
        """Save a file as an editor does, events included."""
        self.write(name, text)
        self.event("modified", name)
        self.event("closed", name)

    def run(self, seconds: float) -> None:
        """Let the loop do all that is due within so many seconds."""
        end = self.clock.elapsed + seconds
        while (delay := self.loop.tick()) <= end - self.clock.elapsed:
            self.clock.advance(max(delay, 0.001))
        self.clock.elapsed = end


def run_git(folder: Path, *arguments: str) -> str:
    """Run git for a test, untouched by the configuration of whoever runs it."""
    settings = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    environ = {"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": str(folder)}
    answer = subprocess.run(
        ["git", *settings, "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )
    return answer.stdout.strip()
