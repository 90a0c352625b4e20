"""MusicBrainz as the service that says which artist or album is meant. It abstains rather than guess."""

from cmdarr.clients.musicbrainz.answers import (
    Artist,
    ArtistSearch,
    Recording,
    RecordingSearch,
    ReleaseGroup,
    ReleaseGroupSearch,
)
from cmdarr.clients.musicbrainz.api import MusicBrainzApi
from cmdarr.clients.musicbrainz.pick import (
    agreed_artist,
    has_name,
    is_nobody,
    pick_album,
    pick_artist,
    pick_recording_artist,
)
from cmdarr.clients.musicbrainz.query import any_name, phrase, plain_title
from cmdarr.clients.musicbrainz.settings import MusicBrainzSettings
from cmdarr.errors import UnexpectedResponse
from cmdarr.library.formats.identifier import parse_isrc, parse_mbid
from cmdarr.library.ports import ClientContext
from cmdarr.matching.album import is_unnamed
from cmdarr.matching.artist_name import names_nobody
from cmdarr.matching.credit import first_name
from cmdarr.models.artist import ArtistMbid, ArtistRef, IdentifiedAlbum, IdentifiedArtist, ReleaseGroupMbid
from cmdarr.models.cancel import CancelToken
from cmdarr.models.track import WantedTrack

_SOME_ARTIST = "artist/89ad4ac3-39f7-470e-963a-56509c546377"
_RECORDING_PARTS = "artist-credits+releases+release-groups"


class MusicBrainz:
    """Every look-up is kept; what was not found for a shorter time, an outage never."""

    def __init__(self, settings: MusicBrainzSettings, context: ClientContext) -> None:
        self.name = context.name
        self._contact = settings.contact
        self._api = MusicBrainzApi(settings, context)

    def check(self, cancel: CancelToken) -> str:
        """Ask whether it answers."""
        self._api.ask(_SOME_ARTIST, cancel)
        return f"contact {' '.join(self._contact.split())}"

    def identify_artist(self, artist: ArtistRef, cancel: CancelToken) -> IdentifiedArtist | None:
        """Return the artist of an MBID (a merged one by its new id), or the only one of a name.

        An MBID whose artist bears another name is set aside, and the name decides.

        Raises:
            ServiceError: MusicBrainz failed; never to be taken for "unknown".
        """
        mbid = parse_mbid(artist.mbid or "")
        if mbid:
            found = self._api.look_up(f"artist/{mbid}", "aliases", cancel, Artist)
            if found is None or is_nobody(found):
                return None
            if names_nobody(artist.name) or has_name(found, artist.name):
                return self._identified(found, "by its MBID")
        return self._find_by_name(artist.name, cancel)

    def identify_track_artist(self, track: WantedTrack, cancel: CancelToken) -> IdentifiedArtist | None:
        """Return the first credited artist of a wanted track: by recording MBID, ISRC, else by title and name.

        Raises:
            ServiceError: MusicBrainz failed; never to be taken for "unknown".
        """
        recording = self._find_recording(track, cancel)
        if recording and recording.first_artist:
            return self._unless_nobody(recording.first_artist, "by the recording's MBID")
        return self._find_by_isrc(track, cancel) or self._find_by_title(track, cancel)

    def identify_album(self, track: WantedTrack, cancel: CancelToken) -> IdentifiedAlbum | None:
        """Return the release group of a wanted track's album, by its recording, else by the album's name.

        Raises:
            ServiceError: MusicBrainz failed; never to be taken for "unknown".
        """
        artist = track.album_artist or track.artist
        if is_unnamed(track.album) or names_nobody(artist):
            return None
        recording = self._find_recording(track, cancel)
        group = pick_album(track.album, artist, _groups_of(recording)) if recording else None
        if group is None:
            title = phrase("releasegroup", plain_title(track.album))
            query = f"{title} AND {phrase('artist', first_name(artist))}"
            found = self._api.search("release-group", query, cancel, ReleaseGroupSearch)
            group = pick_album(track.album, artist, found.release_groups) if found else None
        if group is None or not group.artist_credit:
            return None
        credited = self._identified(group.artist_credit[0].artist, "by the album's credit")
        mbid = self._mbid(group.id)
        return IdentifiedAlbum(mbid=ReleaseGroupMbid(mbid), title=group.title, artist=credited)

    def _find_by_name(self, name: str, cancel: CancelToken) -> IdentifiedArtist | None:
        if names_nobody(name):
            return None
        found = self._api.search("artist", any_name(name), cancel, ArtistSearch)
        artist = pick_artist(name, found.artists) if found else None
        return self._identified(artist, f"the only artist called '{name}'") if artist else None

    def _find_recording(self, track: WantedTrack, cancel: CancelToken) -> Recording | None:
        mbid = parse_mbid(track.recording_mbid or "")
        return self._api.look_up(f"recording/{mbid}", _RECORDING_PARTS, cancel, Recording) if mbid else None

    def _find_by_isrc(self, track: WantedTrack, cancel: CancelToken) -> IdentifiedArtist | None:
        isrc = parse_isrc(track.isrc or "")
        found = self._api.look_up(f"isrc/{isrc}", "artist-credits", cancel, RecordingSearch) if isrc else None
        artist = agreed_artist(found.recordings, track.artist) if found else None
        return self._unless_nobody(artist, f"by the ISRC {isrc}") if artist else None

    def _find_by_title(self, track: WantedTrack, cancel: CancelToken) -> IdentifiedArtist | None:
        if names_nobody(track.artist) or not track.title.strip():
            return None
        title = phrase("recording", plain_title(track.title))
        query = f"{title} AND {phrase('artist', first_name(track.artist))}"
        found = self._api.search("recording", query, cancel, RecordingSearch)
        artist = pick_recording_artist(track.title, track.artist, found.recordings) if found else None
        return (
            self._identified(artist, f"the only artist of that name with '{track.title}'") if artist else None
        )

    def _unless_nobody(self, artist: Artist, reason: str) -> IdentifiedArtist | None:
        return None if is_nobody(artist) else self._identified(artist, reason)

    def _identified(self, artist: Artist, reason: str) -> IdentifiedArtist:
        return IdentifiedArtist(mbid=ArtistMbid(self._mbid(artist.id)), name=artist.name, reason=reason)

    def _mbid(self, text: str) -> str:
        mbid = parse_mbid(text)
        if mbid is None:
            raise UnexpectedResponse(self.name, "an answer names an id that is no MBID.")
        return mbid


def _groups_of(recording: Recording) -> list[ReleaseGroup]:
    """Return the release groups that a recording stands on."""
    return [release.release_group for release in recording.releases or () if release.release_group]
