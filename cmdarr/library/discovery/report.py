"""What a discovery found, did and could not find out, as values and as the result in the history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cmdarr.library.discovery.lookups import LookUpFailure
from cmdarr.models.import_list import ImportListEntry

MOST_FAILURES_TOLD = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """An artist that was handed to the catalogue, and what came of it; `planned` in a dry run."""

    mbid: str
    name: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryReport:
    """The outcome of one discovery. `left_out` counts candidates by the reason why they were not proposed."""

    import_list: str
    proposed: tuple[ImportListEntry, ...] = ()
    """New entries: artists, and albums where they were asked for."""
    seeds: int = 0
    """How many seeds (or unmatched tracks) there were."""
    asked: int = 0
    """How many of them were asked about."""
    candidates: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    consumed: int = 0
    """How many entries left the lists as the catalogue has them now."""
    removed: int = 0
    """How many entries left as they were too old or excluded."""
    added: tuple[Addition, ...] = ()
    failures: tuple[LookUpFailure, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    """How many questions services that were down were spared."""
    has_answers: bool = True
    """Whether at least one question was answered, where any was asked."""
    problem: LookUpFailure | None = None
    """What made the run fail although it found something: a wrong profile, for example."""

    @property
    def is_failed(self) -> bool:
        """Whether everything failed, or something that the user has to correct."""
        return self.problem is not None or not self.has_answers

    @property
    def unanswered(self) -> int:
        """How many questions got no answer."""
        return len(self.failures) + sum(self.skipped.values())

    def as_json(self) -> dict[str, object]:
        """Return the shape that the history keeps."""
        return {
            "import_list": self.import_list,
            "seeds": self.seeds,
            "asked": self.asked,
            "candidates": self.candidates,
            "proposed": [_entry_json(entry) for entry in self.proposed],
            "left_out": dict(sorted(self.left_out.items())),
            "consumed": self.consumed,
            "removed": self.removed,
            "added": [{"mbid": each.mbid, "name": each.name, "outcome": each.outcome} for each in self.added],
            "unanswered": self.unanswered,
            "failures": [
                {"service": each.service, "artist": each.subject, "error": each.message}
                for each in self.failures[:MOST_FAILURES_TOLD]
            ],
            "not_asked": dict(sorted(self.skipped.items())),
        }

    def failed_services(self) -> str:
        """Return how many questions each service left unanswered, for people: `lastfm 3, listenbrainz 1`."""
        counts: dict[str, int] = dict(self.skipped)
        for failure in self.failures:
            counts[failure.service] = counts.get(failure.service, 0) + 1
        return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))

    def error(self) -> str | None:
        """Return what the run's record says went wrong, None when it did not fail."""
        if not self.is_failed:
            return None
        told = (self.problem,) if self.problem else self.failures
        return " ".join(_distinct([each.message for each in told])) or None


def _entry_json(entry: ImportListEntry) -> dict[str, object]:
    known = {"kind": entry.kind, "mbid": entry.mbid, "name": entry.name, "score": entry.score}
    about = {"artist": entry.artist} if entry.artist else {}
    return {**known, **about, **entry.details}


def _distinct(messages: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(messages))[:3]
