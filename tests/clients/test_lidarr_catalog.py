"""The Lidarr client against a Lidarr over real HTTP."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes_http import Answer, HttpServer, Seen, Told, serving
from fakes_lidarr import KEY, FakeLidarr, broken, make_artist, make_folder, mbid, refusal
from prism import find_spec, run_prism
from pydantic import SecretStr

from cmdarr.clients.lidarr import SERVICE
from cmdarr.clients.lidarr.catalog import LidarrCatalog
from cmdarr.clients.lidarr.settings import LidarrSettings
from cmdarr.errors import (
    AuthenticationFailed,
    CommandError,
    NotFound,
    RateLimited,
    RunCancelled,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)
from cmdarr.library.artist_ports import ArtistCatalog, NewArtist
from cmdarr.library.ports import ClientContext, OnlineService
from cmdarr.models.artist import ArtistMbid
from cmdarr.models.cancel import CancelToken
from cmdarr.transport.session import Surroundings

RECORDED = Path(__file__).parents[3] / "shared/data/recorded/lidarr"
NEW = NewArtist(mbid=ArtistMbid(mbid(7)), name="New one")


def make_client(url: str, **settings: Any) -> LidarrCatalog:
    values: dict[str, Any] = {
        "url": url,
        "api_key": SecretStr(KEY),
        "timeout": timedelta(seconds=5),
    } | settings
    around = Surroundings(wait=lambda cancel, seconds: cancel.check())
    context = ClientContext(name="lidarr", root=Path(), data=Path(), surroundings=around)
    return LidarrCatalog(LidarrSettings(**values), context)


@pytest.fixture
def fake() -> FakeLidarr:
    return FakeLidarr(known_to_metadata={mbid(7): "The New One"})


@pytest.fixture
def server(fake: FakeLidarr) -> Iterator[HttpServer]:
    with serving(fake) as running:
        yield running


@pytest.fixture
def client(server: HttpServer) -> LidarrCatalog:
    return make_client(server.url)


@pytest.fixture
def cancel() -> CancelToken:
    return CancelToken()


def test_the_service_builds_a_catalogue() -> None:
    settings = LidarrSettings(url="http://lidarr:8686", api_key=SecretStr("k"))
    assert SERVICE.build is not None
    client = SERVICE.build(settings, ClientContext(name="lidarr", root=Path(), data=Path()))
    assert isinstance(client, ArtistCatalog)
    assert isinstance(client, OnlineService)


def test_check_says_who_answers(client: LidarrCatalog, cancel: CancelToken) -> None:
    assert client.check(cancel) == "Lidarr 2.14.5.4836, root folders: /music/"


def test_another_program_of_the_family_is_told(
    fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken
) -> None:
    fake.app = "Radarr"
    with pytest.raises(
        UnexpectedResponse, match=r"this is Radarr, not Lidarr: correct `services\.lidarr\.url`"
    ):
        client.check(cancel)


def test_a_wrong_key_names_its_setting_and_stays_secret(server: HttpServer, cancel: CancelToken) -> None:
    client = make_client(server.url, api_key=SecretStr("wrong-key-1234"))
    with pytest.raises(AuthenticationFailed, match=r"correct `services\.lidarr\.api_key`") as caught:
        client.check(cancel)
    assert "wrong-key" not in str(caught.value)


def test_artists_come_with_their_mbids_below_a_url_base(fake: FakeLidarr, cancel: CancelToken) -> None:
    fake.base = "/lidarr"
    fake.artists = [make_artist(1, "Björk"), {**make_artist(2), "monitored": False}]
    fake.artists[0]["foreignArtistId"] = mbid(1).upper()
    with serving(fake) as server:
        found = make_client(f"{server.url}/lidarr/").list_artists(cancel)
    assert [(each.mbid, each.name, each.is_monitored) for each in found] == [
        (mbid(1), "Björk", True),
        (mbid(2), "Artist 2", False),
    ]


def test_the_key_travels_in_a_header(fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken) -> None:
    client.list_artists(cancel)
    client.add_artist(NEW, cancel)
    assert {seen.headers["x-api-key"] for seen in fake.seen} == {KEY}
    assert not [seen for seen in fake.seen if KEY in seen.query]


def test_a_slow_list_has_a_time_of_its_own(server: HttpServer, fake: FakeLidarr, cancel: CancelToken) -> None:
    slow = Answer(body=json.dumps(fake.artists).encode(), piece=400, pause_s=0.05)
    fake.faults = {"artist": slow, "rootfolder": replace(slow, piece=2)}
    client = make_client(server.url, timeout=timedelta(milliseconds=80), library_timeout=timedelta(seconds=9))
    assert len(client.list_artists(cancel)) == 2
    with pytest.raises(ServiceUnavailable):
        client.check(cancel)


def test_a_cancel_does_not_wait_for_a_slow_list(
    fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken
) -> None:
    fake.faults = {"artist": broken("silence")}
    threading.Timer(0.1, cancel.cancel).start()
    started_s = time.monotonic()
    with pytest.raises(RunCancelled):
        client.list_artists(cancel)
    assert time.monotonic() - started_s < 10


FAULTS: list[tuple[str, type[ServiceError]]] = [
    ("401", AuthenticationFailed),
    ("404", NotFound),
    ("429", RateLimited),
    ("500", ServiceUnavailable),
    ("503", ServiceUnavailable),
    ("page", UnexpectedResponse),
    ("empty", UnexpectedResponse),
    ("cut", ServiceUnavailable),
    ("reset", ServiceUnavailable),
    ("object", UnexpectedResponse),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
def test_a_fault_is_an_error_and_never_an_empty_list(
    fault: str, error: type[ServiceError], fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken
) -> None:
    fake.faults = {"artist": broken(fault), "importlistexclusion": broken(fault)}
    for call in (client.list_artists, client.list_excluded):
        with pytest.raises(error) as caught:
            call(cancel)
        assert KEY not in str(caught.value)


def test_exclusions_are_artists_and_albums(
    fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken
) -> None:
    fake.exclusions = [mbid(8).upper(), mbid(9)]
    assert client.list_excluded(cancel) == {mbid(8), mbid(9)}


def test_an_artist_is_added_by_mbid_with_the_defaults_of_the_only_folder(
    fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken
) -> None:
    assert client.add_artist(NEW, cancel) == "added"
    assert fake.posted == [
        {
            "foreignArtistId": mbid(7),
            "artistName": "The New One",
            "rootFolderPath": "/music/",
            "qualityProfileId": 2,
            "metadataProfileId": 1,
            "tags": [],
            "monitored": True,
            "monitorNewItems": "all",
            "addOptions": {"monitor": "all", "searchForMissingAlbums": False},
        }
    ]
    assert [seen.get("term") for seen in fake.seen if seen.path.endswith("lookup")] == [f"lidarr:{mbid(7)}"]


def test_folder_profiles_and_tags_are_found_by_name(
    fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken
) -> None:
    fake.folders.append(make_folder(2, "/more"))
    how = replace(
        NEW,
        root_folder="/more/",
        quality_profile="any",
        metadata_profile="Standard",
        tags=("jazz", "Discovered"),
        monitor="none",
        search=True,
    )
    assert client.add_artist(how, cancel) == "added"
    posted = fake.posted[0]
    assert (posted["rootFolderPath"], posted["qualityProfileId"], posted["metadataProfileId"]) == (
        "/more",
        1,
        1,
    )
    assert (posted["tags"], posted["monitorNewItems"]) == ([6, 5], "none")
    assert posted["addOptions"] == {"monitor": "none", "searchForMissingAlbums": True}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"root_folder": "/nowhere"}, "no root folder '/nowhere': name one of '/music/'."),
        ({"quality_profile": "Lossy"}, "no quality profile 'Lossy': name one of 'Any', 'Lossless'."),
        ({"metadata_profile": "X"}, "no metadata profile 'X': name one of 'Standard', 'None'."),
        ({"tags": ("rock",)}, "no tag 'rock': name one of 'discovered', 'jazz'."),
    ],
)
def test_a_wrong_name_lists_the_choices(
    wrong: dict[str, Any], sentence: str, fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken
) -> None:
    with pytest.raises(CommandError) as caught:
        client.add_artist(replace(NEW, **wrong), cancel)
    assert str(caught.value) == f"lidarr: Lidarr has {sentence}"
    assert fake.posted == []


def test_several_folders_need_a_name(fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken) -> None:
    fake.folders.append(make_folder(2, "/more"))
    with pytest.raises(CommandError, match=r"name one of '/music/', '/more' as `root_folder`"):
        client.add_artist(NEW, cancel)


def test_no_folder_at_all_is_told(fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken) -> None:
    fake.folders = []
    with pytest.raises(CommandError, match="add one in Settings → Media Management"):
        client.add_artist(NEW, cancel)


@pytest.mark.parametrize("hides_known", [False, True])
def test_an_artist_that_is_there_is_known_whoever_says_so(
    hides_known: bool, fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken
) -> None:
    fake.hides_known = hides_known
    assert client.add_artist(replace(NEW, mbid=ArtistMbid(mbid(1))), cancel) == "known"
    assert fake.posted == []


def test_an_excluded_artist_is_not_added(
    fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken
) -> None:
    fake.exclusions = [mbid(7)]
    assert client.add_artist(NEW, cancel) == "excluded"
    assert fake.posted == []


def test_a_search_by_text_that_is_down_does_no_harm(
    fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken
) -> None:
    fake.is_search_down = True
    assert client.add_artist(NEW, cancel) == "added"


def test_an_mbid_that_the_metadata_lacks_is_not_found(client: LidarrCatalog, cancel: CancelToken) -> None:
    with pytest.raises(NotFound, match=f"knows no artist with the MBID {mbid(99)}"):
        client.add_artist(replace(NEW, mbid=ArtistMbid(mbid(99))), cancel)


@pytest.mark.parametrize(
    ("told", "error", "words"),
    [
        (refusal("Path 'x' is already configured.", "No."), UnexpectedResponse, "already configured. No."),
        (broken("500"), ServiceUnavailable, "database is locked"),
        (broken("page"), None, ""),
        (broken("reset"), ServiceUnavailable, "was lost"),
        (broken("503"), ServiceUnavailable, "503"),
        (Answer(status=400, body=b"[]"), UnexpectedResponse, "without a reason"),
        (Answer(status=409, body=b'{"message": "UNIQUE constraint"}'), UnexpectedResponse, "UNIQUE"),
        (refusal("This artist has already been added."), None, ""),
    ],
)
def test_a_refused_write_says_why_and_is_sent_once(
    told: Told,
    error: type[ServiceError] | None,
    words: str,
    fake: FakeLidarr,
    client: LidarrCatalog,
    cancel: CancelToken,
) -> None:
    fake.faults = {"POST artist": told}
    if error is None:
        assert client.add_artist(NEW, cancel) in {"known", "added"}
    else:
        with pytest.raises(error, match=words):
            client.add_artist(NEW, cancel)
    assert fake.calls.count("POST artist") == 1


def test_folders_profiles_and_exclusions_are_asked_for_once(
    fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken
) -> None:
    fake.known_to_metadata |= {mbid(n): f"A{n}" for n in range(20, 25)}
    for number in range(20, 25):
        client.add_artist(replace(NEW, mbid=ArtistMbid(mbid(number))), cancel)
    assert {fake.calls.count(path) for path in ("rootfolder", "qualityprofile", "importlistexclusion")} == {1}


def test_recorded_answers_are_read(cancel: CancelToken) -> None:
    if not RECORDED.exists():
        pytest.skip(f"the recorded answers are not at {RECORDED}")
    artists = (RECORDED / "artist_all.json").read_bytes()
    folder = b"[" + (RECORDED / "rootfolder.json").read_bytes() + b"]"

    def tell(seen: Seen) -> Told:
        if seen.path.endswith("artist"):
            return Answer(body=artists)
        return Answer(body=folder if seen.path.endswith("rootfolder") else b'{"version": "1"}')

    with serving(tell) as server:
        client = make_client(server.url)
        assert [(each.mbid, each.name) for each in client.list_artists(cancel)] == [("string", "string")]
        assert client.check(cancel) == "Lidarr 1, root folders: /music/"


def test_every_request_keeps_to_the_published_description(
    fake: FakeLidarr, client: LidarrCatalog, cancel: CancelToken, tmp_path: Path
) -> None:
    calls: tuple[Callable[[CancelToken], object], ...] = (
        client.check,
        client.list_artists,
        client.list_excluded,
        lambda cancel: client.add_artist(replace(NEW, tags=("jazz",)), cancel),
    )
    for call in calls:
        call(cancel)
    with run_prism(find_spec("lidarr.json"), tmp_path) as prism:
        assert prism.refusals(fake.seen) == []
