"""`jianzhen carry`: from the outer side's bus to the inner side's leads, by the commands an operator types."""

import subprocess
from pathlib import Path

import pytest

from tests.jianzhen.command_line import MARKS, Inside, listing

OUTER = 'data_dir = "outer"\n[carry]\nsite = "web-1"\nprivate_key = "outer/web-1"\nbatch_messages = 4\n'
INNER = 'data_dir = "inner"\n[carry]\ntrusted_keys = "trusted"\nsettle_s = 0\n'


@pytest.fixture
def sides(jianzhen: Inside) -> Inside:
    """An outer side with ten listings published, an inner side with a registry and the outer side's public key."""
    jianzhen.write("outer.toml", OUTER)
    jianzhen.write("inner.toml", INNER)
    jianzhen.write("marks.csv", MARKS)
    titles = ["白·鹭·泉 矿泉水500ml*24瓶", "纯棉毛巾三条装"]
    jianzhen.write("listings.jsonl", "".join(listing(str(number), titles[number % 2]) for number in range(10)))
    for side in ("outer", "inner"):
        assert jianzhen("--config", f"{side}.toml", "prepare").code == 0
    assert jianzhen("--config", "inner.toml", "registry", "import", "--marks", "marks.csv").code == 0
    assert jianzhen("--config", "outer.toml", "ingest", "listings", "listings.jsonl").code == 0
    assert jianzhen("carry", "key", "outer/web-1").code == 0
    jianzhen.write("trusted/web-1.pub", (jianzhen.folder / "outer/web-1.pub").read_bytes())
    return jianzhen


def carry_out(sides: Inside) -> list[Path]:
    sent = sides("--config", "outer.toml", "carry", "out", "listings", "--to", "between", "--once")
    assert sent.code == 0, sent.said
    return sorted((sides.folder / "between").glob("*.batch"))


def test_listings_cross_the_gap_and_become_leads(sides: Inside) -> None:
    files = carry_out(sides)
    assert len(files) > 2
    taken = sides("--config", "inner.toml", "carry", "in", "between", "--once")
    assert taken.code == 0, taken.said
    assert "10" in taken.err
    worked = sides("--config", "inner.toml", "worker", "--until-idle")
    assert worked.code == 0, worked.said
    shown = sides("--config", "inner.toml", "carry", "status")
    assert "web-1" in shown.out
    assert str(len(files)) in shown.out


def test_a_gap_is_told_mended_and_declared(sides: Inside) -> None:
    files = carry_out(sides)
    files[1].unlink()
    gap = sides("--config", "inner.toml", "carry", "in", "between", "--once")
    assert gap.code == 2
    assert "carry again" in gap.err
    again = sides("--config", "outer.toml", "carry", "again", "listings", "2", "--to", "between")
    assert again.code == 0, again.said
    assert sides("--config", "inner.toml", "carry", "in", "between", "--once").code == 0
    refused = sides("--config", "inner.toml", "carry", "lost", "web-1", "listings", "1", "--reason", "disc")
    assert refused.code == 2
    number = str(len(files) + 1)
    declared = sides("--config", "inner.toml", "carry", "lost", "web-1", "listings", number, "--reason", "disc broken")
    assert declared.code == 0, declared.said
    assert number in sides("--config", "inner.toml", "carry", "status").out


def test_a_changed_file_ends_with_an_error_that_says_so(sides: Inside) -> None:
    first = carry_out(sides)[0]
    first.write_bytes(first.read_bytes()[:-1] + b"\x00")
    ended = sides("--config", "inner.toml", "carry", "in", "between", "--once")
    assert ended.code == 2
    assert "signature" in ended.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("carry", "out", "nothing", "--to", "x"), 3, "key"),
        (("carry", "in", "between", "--once"), 3, "carry.trusted_keys"),
        (("carry", "again", "listings", "7", "--to", "x"), 2, "not kept"),
        (("carry", "again", "unheard", "7", "--to", "x"), 2, "no topic"),
    ],
)
def test_mistakes_are_told_in_one_line(jianzhen: Inside, arguments: tuple[str, ...], code: int, words: str) -> None:
    ended = jianzhen(*arguments)
    assert (ended.code, words in ended.err) == (code, True), ended.said


def test_a_key_is_never_overwritten_and_its_owners_alone(jianzhen: Inside) -> None:
    assert jianzhen("carry", "key", "k").code == 0
    assert (jianzhen.folder / "k").stat().st_mode & 0o777 == 0o600
    assert jianzhen("carry", "key", "k").code == 2


def test_openssl_proves_a_batch_without_us(sides: Inside) -> None:
    """As docs/carrying.md shows: the signature is the last 64 bytes, over all before it."""
    data = carry_out(sides)[0].read_bytes()
    content, signature = sides.write("content", data[:-64]), sides.write("signature", data[-64:])
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(sides.folder / "outer/web-1.pub"), "-rawin"]
    command += ["-in", str(content), "-sigfile", str(signature)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sides.write("content", data[:-65] + b"x")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
