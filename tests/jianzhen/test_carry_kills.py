"""Carriers of both sides as real processes, killed again and again while listings are published: nothing is lost, and
nothing doubled in effect. At full size alone: `make soak`."""

import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from models.subjects import Listing
from streams.bus import open_bus
from streams.bus.topics import LISTINGS
from streams.carrying.signing import make_key
from streams.settings import BusSettings
from tests.jianzhen.command_line import environment, run
from tests.streams.carrying.gap import by_key, read_all

COUNT, KILLS = 6_000, 25


def carrier(folder: Path, side: str, *arguments: str) -> "subprocess.Popen[bytes]":
    with (folder / f"{side}.log").open("ab") as log:
        command = [sys.executable, "-m", "jianzhen", "--config", f"{side}.toml", "carry", *arguments]
        return subprocess.Popen(command, cwd=folder, env=environment(), stdout=log, stderr=log)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_kills_of_both_sides_lose_and_double_nothing(tmp_path: Path) -> None:
    common = "batch_messages = 25\npause_s = 0.05\nsettle_s = 0\n"
    (tmp_path / "outer.toml").write_text(f'data_dir = "outer"\n[carry]\nsite = "web"\nprivate_key = "key"\n{common}')
    (tmp_path / "inner.toml").write_text(f'data_dir = "inner"\n[carry]\ntrusted_keys = "trusted"\n{common}')
    make_key(tmp_path / "key").rename(tmp_path / "web.pub")
    (tmp_path / "trusted").mkdir()
    (tmp_path / "web.pub").rename(tmp_path / "trusted" / "web.pub")
    (tmp_path / "between").mkdir()
    sides = {"outer": ("out", "listings", "--to", "between"), "inner": ("in", "between")}
    running = {side: carrier(tmp_path, side, *arguments) for side, arguments in sides.items()}
    wanted = [Listing(listing_id=str(n), platform="集市", title=f"山间清泉 {n}") for n in range(COUNT)]
    order = random.Random(13)
    with closing(open_bus(BusSettings(url=f"sqlite:///{tmp_path}/outer/bus.sqlite"))) as bus:
        for number in range(KILLS):
            bus.publish(LISTINGS, wanted[number * COUNT // KILLS : (number + 1) * COUNT // KILLS])
            time.sleep(order.uniform(1.5, 3.5))
            side = order.choice(sorted(sides))
            running[side].send_signal(signal.SIGKILL)
            running[side].wait()
            running[side] = carrier(tmp_path, side, *sides[side])
    for process in running.values():
        process.terminate()
        assert process.wait(60) in (0, -signal.SIGTERM)  # one that was started last may not listen yet
    assert run(tmp_path, "--config", "outer.toml", "carry", "out", "listings", "--to", "between", "--once").code == 0
    last = run(tmp_path, "--config", "inner.toml", "carry", "in", "between", "--once")
    assert last.code == 0, last.said
    arrived = by_key(read_all(BusSettings(url=f"sqlite:///{tmp_path}/inner/bus.sqlite"), LISTINGS.name))
    assert {key: list(dict.fromkeys(bodies)) for key, bodies in arrived.items()} == {
        each.key.token: [LISTINGS.encode(each)] for each in wanted
    }
    logs = (tmp_path / "outer.log").read_text("utf-8") + (tmp_path / "inner.log").read_text("utf-8")
    assert "Traceback" not in logs
    assert "batch refused" not in logs
