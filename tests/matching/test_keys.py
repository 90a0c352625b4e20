"""Keys are stored: whoever changes them must know it."""

from hashlib import sha256

from cmdarr.matching.key_format import KEY_FORMAT
from cmdarr.matching.keys import track_keys
from cmdarr.models.track import Isrc, LibraryTrack, RecordingMbid, ServerId

TEXTS = (
    ("Björk & The Sugarcubes", "Birthday (Remastered 2011)"),
    ("Jay-Z feat. Alicia Keys", "Empire State of Mind"),
    ("Кино", "Группа крови"),
    ("夜明けカモメ", "海の見える坂道 (Live)"),
    ("!!!", "Me and Giuliani Down by the School Yard"),
    ("The Beatles", "O"),
)
FORMS = {1: "98d594176bb51592", 2: "0d17aae2de859939", 3: "f4aaad0c7be52414", 4: "9f3943de93aa385b"}
"""Key format -> digest of the keys below."""


def test_keys_of_another_form_have_another_number() -> None:
    keys = [
        track_keys(LibraryTrack(server_id=ServerId("1"), title=title, artist=artist))
        for artist, title in TEXTS
    ]
    keys.append(
        track_keys(
            LibraryTrack(
                server_id=ServerId("2"),
                title="X",
                artist="Y",
                isrc=Isrc("US-RC1-76-07839"),
                recording_mbid=RecordingMbid("AE080904-ddb9-51d7-b794-d18da0ad46f4"),
            )
        )
    )
    assert sha256(repr(keys).encode()).hexdigest()[:16] == FORMS[KEY_FORMAT], (
        "the keys changed: raise KEY_FORMAT and put the new digest beside its number"
    )
