"""The `config_json` of a legacy command, taken apart key by key: what is left at the end was no option of it."""

from collections.abc import Callable, Mapping, Sequence

from cmdarr.legacy.report import Report
from cmdarr.legacy.values import read_setting_bool

_NOT_OPTIONS = {
    "unique_id": "it repeats the number",
    "command_name": "it repeats the name",
    "target_library_key": "it had no effect",
    "last_daylist_period": "it is state of the last run",
    "last_run_track_ids": "it is state of the last run",
    "plex_enabled": "it was never read",
    "jellyfin_enabled": "it was never read",
    "cleanup_enabled": "it was never read",
    "age_threshold_days": "it was never read",
    "expires_at_delete_playlist": "no playlist is deleted unless `on_delete: delete` is written",
    "triggered_by": "it is state of a run",
    "is_first_run": "it is state of a run",
    "config_override": "it is state of a run",
    "refresh_all_due": "it is an option of one run",
    "force_refresh_all": "it is an option of one run",
}
_LARGEST = 10**9
_SILENT = frozenset({"unique_id", "command_name", "target_library_key", "expires_at_delete_playlist"})


class Options:
    """Takes values out by key; one of a wrong type is told of and left out."""

    def __init__(
        self, config: Mapping[str, object], what: str, report: Report, setting: Callable[[str], str]
    ) -> None:
        """`setting` returns the text of a legacy setting that somebody chose, else an empty one."""
        self.setting = setting
        self._left = dict(config)
        self._what = what
        self._report = report

    def number(self, *keys: str) -> int | float | None:
        """Take a number under the first of several names."""
        stated = self._take(keys)
        value = _number(stated) if isinstance(stated, str) else stated
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
            self._refuse(keys, stated, "no number")
            return None
        return int(value) if float(value).is_integer() else value

    def whole(self, *keys: str) -> int | None:
        """Take a whole number of 0 or more."""
        value = self.number(*keys)
        if value is None or (isinstance(value, int) and value >= 0):
            return value
        self._refuse(keys, value, "no whole number from 0 on")
        return None

    def flag(self, *keys: str) -> bool | None:
        """Take a yes or no."""
        value = self._take(keys)
        if isinstance(value, bool) or value is None:
            return value
        try:
            return read_setting_bool(str(value))
        except ValueError:
            self._refuse(keys, value, "neither true nor false")
            return None

    def text(self, *keys: str) -> str | None:
        """Take a text that is not empty."""
        value = self._take(keys)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str):
            return value.strip() or None
        self._refuse(keys, value, "no text")
        return None

    def texts(self, *keys: str, separator: str = "\n") -> list[str] | None:
        """Take a list of texts, or a text with one on each line."""
        value = self._take(keys)
        if isinstance(value, str):
            value = value.split(separator)
        if not isinstance(value, Sequence):
            self._refuse(keys, value, "no list")
            return None
        found = [
            str(each).strip() for each in value if isinstance(each, str | int | float) and str(each).strip()
        ]
        return found or None

    def mapping(self, key: str) -> Mapping[str, object] | None:
        """Take a mapping."""
        value = self._take((key,))
        if isinstance(value, dict):
            return value
        self._refuse((key,), value, "no mapping")
        return None

    def drop(self, *keys: str) -> None:
        """Take what has no meaning any more, without a word."""
        for key in keys:
            self._left.pop(key, None)

    def finish(self) -> None:
        """Tell of the keys that nobody took."""
        for key in sorted(self._left):
            if key not in _SILENT:
                why = _NOT_OPTIONS.get(key, "no version of Cmdarr that is known had this option")
                self._report.left_out(f"{self._what}, option {key}", why)

    def _take(self, keys: Sequence[str]) -> object:
        found = [self._left.pop(key, None) for key in keys]
        return next((value for value in found if value is not None), None)

    def _refuse(self, keys: Sequence[str], value: object, why: str) -> None:
        if value is not None:
            self._report.needs_you(f"{self._what}, option {keys[0]}", f"its value is {why}; it was left out")


def _number(text: str) -> int | float | None:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return None
