"""Settings: precedence, derived places, and one clear line for whatever is wrong."""

from pathlib import Path

import pytest

from jianzhen.settings import Settings, embedded_settings, every_setting, load_settings, variable
from tests.jianzhen.command_line import Inside


@pytest.fixture(autouse=True)
def nothing_set(jianzhen: Inside) -> Inside:
    """An empty folder and an environment without settings."""
    return jianzhen


def test_defaults_are_embedded_in_one_folder() -> None:
    settings = load_settings()
    assert settings.store.url == "sqlite:///.jianzhen/jianzhen.sqlite"
    assert settings.bus.url == "sqlite:///.jianzhen/bus.sqlite"
    assert (settings.objects.url, settings.worker.index_folder) == (".jianzhen/objects", ".jianzhen/indexes")


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(
    nothing_set: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_set.write("jianzhen.toml", 'data_dir = "d"\n[worker]\nbatch = 7\ngroup = "file"\n[serve]\nport = 1\n')
    monkeypatch.setenv("JIANZHEN_WORKER__GROUP", "environment")
    settings = load_settings()
    assert (settings.worker.batch, settings.worker.group, settings.serve.port) == (7, "environment", 1)
    assert settings.store.url == "sqlite:///d/jianzhen.sqlite"
    assert load_settings(data_dir=Path("e")).bus.url == "sqlite:///e/bus.sqlite"


def test_the_named_file_replaces_the_one_of_the_folder(nothing_set: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_set.write("jianzhen.toml", "[serve]\nport = 1\n")
    nothing_set.write("other.toml", "[serve]\nport = 2\n")
    nothing_set.write("third.toml", "[serve]\nport = 3\n")
    monkeypatch.setenv("JIANZHEN_CONFIG", "other.toml")
    assert load_settings().serve.port == 2
    assert load_settings(Path("third.toml")).serve.port == 3


def test_a_place_that_is_named_is_not_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANZHEN_DATA_DIR", "/somewhere")
    monkeypatch.setenv("JIANZHEN_BUS__URL", "kafka://127.0.0.1:9092")
    settings = load_settings()
    assert (settings.bus.url, settings.store.url) == ("kafka://127.0.0.1:9092", "sqlite:////somewhere/jianzhen.sqlite")


def test_construction_reads_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANZHEN_SERVE__PORT", "9")
    assert Settings().serve.port == 8321
    assert embedded_settings(Path("x")).serve.port == 8321


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("JIANZHEN_WORKER__BATCH", "many", "worker.batch"),
        ("JIANZHEN_WORKER__BATSCH", "1", "worker.batsch"),
        ("JIANZHEN_WROKER__BATCH", "1", "JIANZHEN_WROKER__BATCH"),
        ("JIANZHEN_DATADIR", "x", "JIANZHEN_DATADIR"),
        ("JIANZHEN_STORE", "not json", "environment"),
        ("JIANZHEN_CONFIG", "gone.toml", "gone.toml"),
        ("JIANZHEN_BUS__HEARTBEAT_INTERVAL_S", "60", "heartbeat_interval_s"),
    ],
)
def test_a_wrong_variable_is_told_in_one_line_with_exit_code_3(
    nothing_set: Inside, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    ended = nothing_set("prepare")
    assert (ended.code, ended.out) == (3, "")
    assert told in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("content", ["store = [", "[store]\nurll = 'x'\n", "serve = 3\n", "\xff"])
def test_a_wrong_file_is_told_in_one_line_with_exit_code_3(nothing_set: Inside, content: str) -> None:
    nothing_set.write("jianzhen.toml", content.encode("latin-1"))
    ended = nothing_set("prepare")
    assert (ended.code, ended.out) == (3, "")
    assert "jianzhen.toml" in ended.err
    assert ended.err.count("\n") == 1


def test_a_secret_is_never_told(nothing_set: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANZHEN_STORE__URL", "postgresql://who:hidden-word@127.0.0.1:1/x")
    monkeypatch.setenv("JIANZHEN_OBJECTS__SECRET_KEY", "hidden-word")
    monkeypatch.setenv("JIANZHEN_WORKER__BATCH", "hidden-word")
    assert "hidden-word" not in nothing_set("prepare").said
    monkeypatch.delenv("JIANZHEN_WORKER__BATCH")
    assert "hidden-word" not in repr(load_settings())
    ended = nothing_set("prepare")
    assert ended.code == 4
    assert "hidden-word" not in ended.said


def test_every_variable_reaches_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each documented variable, set to its own default, is taken."""
    for name, default, _ in every_setting():
        if isinstance(default, int | float) and not isinstance(default, bool):
            monkeypatch.setenv(variable(name), str(default))
    assert load_settings() == load_settings()
