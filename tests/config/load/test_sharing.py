"""One loader for several threads: the daemon reloads while a page checks a draft."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fakes_loading import CATALOG, ConfigFolder

from cmdarr.config.load import Loader

_PATIENCE_S = 0.2


class Meeting(dict[str, str]):
    """An environment in which two threads that look at once meet."""

    def __init__(self) -> None:
        super().__init__(TZ="UTC", WORD="a word of the environment")
        self._barrier = threading.Barrier(2)
        self.met = False

    def get(self, key: str, default: Any = None) -> Any:
        if key == "WORD":
            try:
                self._barrier.wait(_PATIENCE_S)
                self.met = True
            except threading.BrokenBarrierError:
                self._barrier.reset()
        return super().get(key, default)


def test_loads_of_two_threads_wait_for_each_other(folder: ConfigFolder) -> None:
    folder.write("settings.yaml", "x-note: 1\nservices: {lidarr: {note: '${env:WORD}'}}\n")
    environ = Meeting()
    loader = Loader(CATALOG, environ=environ, clock=folder.clock)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: loader.load(folder.tree()), range(2)))
    assert [snapshot.findings for snapshot in found] == [(), ()]
    assert not environ.met
