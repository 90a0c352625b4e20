"""Import lists: what is on each, where it came from, who was dismissed, and the address for Lidarr."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from cmdarr.app.artists import dismiss, dismissed_artists, restore
from cmdarr.app.import_lists import list_names
from cmdarr.app.list_standing import (
    Standing,
    StandingEntry,
    count_standings,
    filling_commands,
    standing_entries,
)
from cmdarr.errors import UsageError
from cmdarr.web.pages.page import Done, Nav, PageRoute, View, Visit
from cmdarr.web.security.origin import is_local_host

HERE = "/import-lists"
MOST_SHOWN = 10
"""So many entries of a list are shown beside the other lists."""
MOST_ROWS = 100
MOST_DISMISSED = 200
_MOST_SEEDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry as a page shows it."""

    name: str
    artist: str
    mbid: str
    kind: str
    artist_mbid: str
    standing: str
    score: float | None
    why: str
    source: str
    is_command: bool
    added_at: object
    state_at: object


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCard:
    """One list with its newest entries."""

    name: str
    listed: int
    total: int
    commands: Sequence[str]
    address: str
    rows: Sequence[EntryRow]


def show_lists(visit: Visit) -> View:
    """Show every list, and who was dismissed."""
    control = visit.control
    dismissed = dismissed_artists(control.store)
    return View(
        template="import_lists.html",
        title="Import lists",
        context={
            "cards": [_card(visit, name) for name in list_names(control.store, control.snapshot)],
            "dismissed": dismissed[:MOST_DISMISSED],
            "dismissed_total": len(dismissed),
            **_about_addresses(visit),
        },
    )


def show_list(visit: Visit) -> View:
    """Show one list with everything that ever was on it, a part at a time."""
    control, name = visit.control, visit.parts["name"]
    entries = standing_entries(control.store, control.snapshot, name, control.now())
    counts = count_standings(entries)
    wanted = _standing_asked(visit.query.get("state", Standing.LISTED.value))
    chosen = [one for one in entries if wanted is None or one.standing is wanted]
    page = _page_asked(visit.query.get("page", "1"))
    begin = (page - 1) * MOST_ROWS
    return View(
        template="import_list.html",
        title=f"Import list {name}",
        context={
            "name": name,
            "commands": filling_commands(control.snapshot, name),
            "address": list_address(visit, name),
            "states": [
                *((one.value, counts.get(one, 0)) for one in Standing),
                ("all", len(entries)),
            ],
            "state": wanted.value if wanted else "all",
            "rows": _rows(visit, chosen[begin : begin + MOST_ROWS]),
            "page": page,
            "has_more": len(chosen) > begin + MOST_ROWS,
            **_about_addresses(visit),
        },
    )


def dismiss_artist(visit: Visit) -> Done:
    """Never propose an artist again."""
    control = visit.control
    (artist,) = dismiss(
        control.store, [_mbid(visit.form)], control.now(), reason=visit.form.get("reason", ""), source="web"
    )
    return Done(
        to=_where_from(visit.form),
        sentence=f"{artist.name or artist.mbid} is dismissed, from every list; Restore takes it back.",
    )


def restore_artist(visit: Visit) -> Done:
    """Take a dismissal back."""
    (artist,) = restore(visit.control.store, [_mbid(visit.form)])
    return Done(
        to=_where_from(visit.form),
        sentence=f"{artist.name or artist.mbid} may be proposed again, and is back where it was listed.",
    )


def list_address(visit: Visit, name: str) -> str:
    """Return where Lidarr finds a list, by the address that the browser used."""
    visitor, base = visit.entry.visitor, visit.control.web_settings.base_path
    return f"{visitor.scheme}://{visitor.host}{base}/import_lists/{quote(name, safe='')}"


def provenance(details: Mapping[str, object]) -> str:
    """Say where an entry came from, as far as it is known."""
    seeds = details.get("similar_to", details.get("similarArtistTo"))
    parts = []
    if seeds:
        named = [str(seed) for seed in seeds] if isinstance(seeds, list | tuple) else [str(seeds)]
        more = f" and {len(named) - _MOST_SEEDS} more" if len(named) > _MOST_SEEDS else ""
        parts.append(f"like {', '.join(named[:_MOST_SEEDS])}{more}")
    if details.get("track"):
        count = details.get("tracks")
        others = f" and {count - 1} more" if isinstance(count, int) and count > 1 else ""
        parts.append(f"of the track “{details['track']}”{others}")
    if isinstance(services := details.get("services"), list | tuple) and services:
        parts.append(f"by {', '.join(map(str, services))}")
    return "; ".join(parts)


def _card(visit: Visit, name: str) -> ListCard:
    control = visit.control
    entries = standing_entries(control.store, control.snapshot, name, control.now())
    listed = [one for one in entries if one.standing is Standing.LISTED]
    return ListCard(
        name=name,
        listed=len(listed),
        total=len(entries),
        commands=filling_commands(control.snapshot, name),
        address=list_address(visit, name),
        rows=_rows(visit, listed[:MOST_SHOWN]),
    )


def _rows(visit: Visit, entries: Sequence[StandingEntry]) -> list[EntryRow]:
    commands = visit.control.snapshot.commands
    return [
        EntryRow(
            name=one.entry.name,
            artist=one.entry.artist,
            mbid=one.entry.mbid,
            kind=one.entry.kind,
            artist_mbid=one.artist_mbid,
            standing=one.standing.value,
            score=one.entry.score,
            why=provenance(one.entry.details),
            source=one.entry.source,
            is_command=one.entry.source in commands,
            added_at=one.entry.added_at,
            state_at=one.entry.state_at,
        )
        for one in entries
    ]


def _about_addresses(visit: Visit) -> dict[str, bool]:
    return {
        "is_public": visit.control.web_settings.public_import_lists,
        "is_local": is_local_host(visit.entry.visitor.host, ""),
    }


def _standing_asked(text: str) -> Standing | None:
    """Return the standing that is asked for, None for all."""
    if text == "all":
        return None
    try:
        return Standing(text)
    except ValueError as error:
        raise UsageError("choose one of the states of the page.") from error


def _page_asked(text: str) -> int:
    if not text.isdecimal() or not 0 < len(text) < 8:
        raise UsageError("a page is a number from 1.")
    return max(1, int(text))


def _mbid(form: Mapping[str, str]) -> str:
    if not form.get("mbid"):
        raise UsageError("say which artist, by its MBID.")
    return form["mbid"]


def _where_from(form: Mapping[str, str]) -> str:
    name = form.get("list", "")
    return f"{HERE}/{quote(name, safe='')}" if name else HERE


NAV = Nav("Import lists", HERE, 60)
ROUTES = (
    PageRoute(path=HERE, show=show_lists),
    PageRoute(path=f"{HERE}/{{name}}", show=show_list),
    PageRoute(path="/artists/dismiss", show=dismiss_artist, method="POST", back=HERE),
    PageRoute(path="/artists/restore", show=restore_artist, method="POST", back=HERE),
)
