"""Over the gap: whole and in order, each once in effect, through falls, losses, repeats, shuffles and changed bytes."""

import random
import shutil
import sys
from pathlib import Path

import pytest

from models.errors import ConfigurationError, ConflictError
from models.moments import now
from streams.bus.raw import Raw, raw_topic
from streams.carrying import Incoming, Outgoing
from streams.carrying.batch_files import Batch, Message
from streams.carrying.ledger import Stream
from streams.carrying.outgoing import hand_over_again
from streams.carrying.places import alone
from tests.streams.carrying.gap import Fallen, Gap, by_key, falling, numbered, wanted, without_repeats

SENDING = ("polled", "kept", "handed over", "acknowledged")


def test_everything_arrives_byte_for_byte_in_the_order_of_its_key(any_gap: Gap) -> None:
    messages = numbered(330)
    any_gap.publish(messages)
    sent = any_gap.send()
    assert sent.messages == 330
    assert sent.batches > 1
    seen = any_gap.receive()
    assert (seen.messages, seen.gaps, seen.refused) == (330, [], [])
    assert by_key(any_gap.arrived()) == wanted(messages)
    assert any_gap.receive().batches == 0
    assert not any_gap.files


def test_it_goes_on_where_it_stood(any_gap: Gap) -> None:
    for start in (0, 70, 140):
        any_gap.publish(numbered(70, start=start))
        any_gap.send()
        any_gap.receive()
    assert by_key(any_gap.arrived()) == wanted(numbered(210))


@pytest.mark.parametrize("step", SENDING)
@pytest.mark.parametrize("after", [0, 1])
def test_a_fall_of_the_sending_side_loses_and_doubles_nothing(gap: Gap, step: str, after: int) -> None:
    gap.publish(numbered(200))
    with pytest.raises(Fallen):
        gap.send(checkpoint=falling(step, after=after))
    gap.send()
    seen = gap.receive()
    assert not seen.gaps
    assert by_key(gap.arrived()) == wanted(numbered(200))


def test_the_newest_batch_is_handed_over_again_after_a_fall_and_known_as_a_repeat(gap: Gap) -> None:
    gap.publish(numbered(60))
    with pytest.raises(Fallen):
        gap.send(checkpoint=falling("handed over"))
    assert gap.receive().batches == 1
    gap.send()
    seen = gap.receive()
    assert len(seen.repeats) == 1
    assert by_key(gap.arrived()) == wanted(numbered(60))


@pytest.mark.parametrize("step", ["published", "recorded"])
def test_a_fall_of_the_receiving_side_publishes_again_and_loses_nothing(gap: Gap, step: str) -> None:
    gap.publish(numbered(200))
    gap.send()
    with pytest.raises(Fallen):
        gap.receive(checkpoint=falling(step, after=1))
    gap.receive()
    assert without_repeats(by_key(gap.arrived())) == wanted(numbered(200))
    assert len(gap.arrived()) == (250 if step == "published" else 200)


class AcknowledgesFirst(Outgoing):
    """Wrong on purpose: acknowledges what is not on the disk yet."""

    def _carry(self, deliveries: object) -> None:
        self._subscription.ack(deliveries)  # type: ignore[arg-type]
        super()._carry(deliveries)  # type: ignore[arg-type]


class RecordsFirst(Incoming):
    """Wrong on purpose: records a batch before it is published."""

    def _take(self, stream: Stream, batch: Batch) -> Stream:
        taken = stream.with_batch(batch, self._clock())
        self._ledger.record(taken)
        self._checkpoint("published")
        self._bus.publish(raw_topic(batch.header.topic), [Raw(each.key, each.body) for each in batch.messages])
        return taken


def test_the_drive_catches_a_carrier_that_acknowledges_first(gap: Gap) -> None:
    gap.publish(numbered(200))

    def full(path: Path, data: bytes) -> None:
        raise Fallen

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[Outgoing.__module__], "write_durably", full)
        with pytest.raises(Fallen):
            gap.send(kind=AcknowledgesFirst)
    gap.send()
    gap.receive()
    assert len(without_repeats(by_key(gap.arrived()))["晴-0"]) < 10


def test_the_drive_catches_a_reader_that_records_first(gap: Gap) -> None:
    gap.publish(numbered(200))
    gap.send()
    with pytest.raises(Fallen):
        gap.receive(kind=RecordsFirst, checkpoint=falling("published", after=1))
    gap.receive()
    assert len(gap.arrived()) == 150


def test_a_missing_batch_stops_its_stream_until_it_arrives(gap: Gap) -> None:
    gap.publish(numbered(250))
    gap.send()
    missing = gap.files[1]
    away = shutil.move(missing, gap.folder / "away")
    seen = gap.receive()
    assert seen.gaps == [("web", gap.topic, 2, 2)]
    assert len(gap.arrived()) == 50
    assert gap.receive().gaps == [("web", gap.topic, 2, 2)]
    shutil.move(away, missing)
    assert gap.receive().gaps == []
    assert by_key(gap.arrived()) == wanted(numbered(250))


def test_a_kept_batch_can_be_sent_again(gap: Gap) -> None:
    gap.publish(numbered(250))
    gap.send()
    gap.files[1].unlink()
    gap.receive()
    hand_over_again(gap.settings, gap.topic, 2, gap.between)
    assert not gap.receive().gaps
    assert by_key(gap.arrived()) == wanted(numbered(250))


def test_a_batch_declared_lost_is_on_record_and_the_stream_goes_on(gap: Gap) -> None:
    gap.publish(numbered(250))
    gap.send()
    late = shutil.move(gap.files[1], gap.folder / "late")
    gap.receive()
    with pytest.raises(ConflictError, match="2"):
        gap.ledger.give_up("web", gap.topic, 4, by="officer", reason="disc broken", at=now())
    gap.ledger.give_up("web", gap.topic, 2, by="officer", reason="disc broken", at=now())
    assert not gap.receive().gaps
    assert len(gap.arrived()) == 200
    lost = gap.ledger.stream("web", gap.topic).lost
    assert [(each.sequence, each.by, each.reason) for each in lost] == [(2, "officer", "disc broken")]
    shutil.move(late, gap.between / "late.batch")
    assert "declared lost" in gap.receive().refused[0][1]
    assert len(gap.arrived()) == 200


def test_files_repeated_and_shuffled_are_taken_once_in_order(gap: Gap) -> None:
    gap.publish(numbered(400))
    gap.send()
    order = random.Random(7)
    files = gap.files
    names = [f"{number:03d}.batch" for number in range(len(files))]
    order.shuffle(names)
    for path, name in zip(files, names, strict=True):
        path.rename(gap.between / name)
    for path in order.sample(gap.files, 3):
        shutil.copy(path, gap.between / f"again-{path.name}")
    seen = gap.receive()
    assert (seen.messages, len(seen.repeats), seen.gaps) == (400, 3, [])
    assert by_key(gap.arrived()) == wanted(numbered(400))


def test_two_sites_do_not_wait_for_each_other(gap: Gap) -> None:
    other = gap.at("app")
    gap.publish(numbered(120))
    other.publish(numbered(120, site="b"))
    gap.send()
    other.send()
    gap.files[0].unlink()
    seen = gap.receive(other)
    assert {each[0] for each in seen.gaps} in ({"app"}, {"web"})
    assert len(gap.arrived()) == 120


def test_no_changed_byte_gets_in(gap: Gap) -> None:
    gap.publish(numbered(40))
    gap.send()
    whole = gap.files[0]
    data = whole.read_bytes()
    whole.unlink()
    order = random.Random(11)
    for place in {*range(330), *order.sample(range(len(data)), 300), *range(len(data) - 64, len(data))}:
        changed = bytearray(data)
        changed[place] ^= 1 << order.randrange(8)
        (gap.between / f"{place}.batch").write_bytes(changed)
    planted = len(gap.files)
    seen = gap.receive()
    assert (seen.batches, len(seen.refused)) == (0, planted)
    assert not gap.arrived()
    whole.write_bytes(data)
    assert gap.receive().messages == 40


def test_cut_short_grown_and_foreign_files_are_refused_with_their_reason(gap: Gap) -> None:
    gap.publish(numbered(40))
    gap.send()
    whole = gap.files[0]
    data = whole.read_bytes()
    whole.unlink()
    planted = {
        "empty": (b"", "cut short"),
        "half": (data[: len(data) // 2], "cut short"),
        "header": (data[:60], "cut short"),
        "longer": (data + b"x", "signature"),
        "garbage": (random.Random(3).randbytes(5000), "not a batch"),
        "page": (b"<html>" * 100, "not a batch"),
        "large": (data + bytes(100_000), "larger"),
        "nul": (data[:17] + bytes(80_000), "malformed"),
    }
    for name, (content, _) in planted.items():
        (gap.between / f"{name}.batch").write_bytes(content)
    seen = gap.receive(largest_file=65_536)
    said = {Path(name).stem: why for name, why in seen.refused}
    assert set(said) == set(planted)
    for name, (_, words) in planted.items():
        assert words in said[name], name
    assert (gap.between / "refused" / "half.batch.reason.txt").read_text("utf-8")
    assert not gap.arrived()


def test_a_file_that_still_arrives_is_left_alone(gap: Gap) -> None:
    gap.publish(numbered(40))
    gap.send()
    whole = gap.files[0]
    data = whole.read_bytes()
    whole.write_bytes(data[:200])
    seen = gap.receive(settle_s=600.0)
    assert (seen.arriving, seen.refused, seen.gaps) == ([whole.name], [], [])
    whole.write_bytes(data)
    assert gap.receive(settle_s=600.0).messages == 40


def test_another_key_or_site_or_topic_is_refused(gap: Gap) -> None:
    gap.publish(numbered(10))
    stranger = gap.at("stranger")
    stranger.publish(numbered(10))
    stranger.send()
    assert "no public key" in gap.receive().refused[0][1]
    forger = gap.at("web")
    forger.publish(numbered(10))
    shutil.rmtree(Path(gap.settings.folder))
    forger.send()
    assert "signature" in gap.receive().refused[0][1]
    assert not gap.arrived()


def test_a_site_that_lost_its_memory_cannot_take_numbers_twice(gap: Gap) -> None:
    gap.publish(numbered(60))
    gap.send()
    gap.receive()
    shutil.rmtree(Path(gap.settings.folder))
    gap.publish(numbered(60, start=60))
    gap.send()
    seen = gap.receive()
    assert len(seen.refused) == 2
    assert "another batch" in seen.refused[0][1]
    assert len(gap.arrived()) == 60


def test_a_chain_that_does_not_go_on_is_refused(gap: Gap) -> None:
    """The right key, the next number, and another past: a site set up anew that happens to be one batch behind."""
    gap.publish(numbered(50))
    gap.send()
    gap.receive()
    shutil.rmtree(Path(gap.settings.folder))
    gap.publish(numbered(100, start=50))
    gap.send()
    gap.files[0].unlink()
    assert "does not go on" in gap.receive().refused[0][1]


def test_large_messages_share_no_file_beyond_its_size(gap: Gap) -> None:
    messages = [Message(0, 0, f"k{number}", bytes(40_000)) for number in range(10)]
    gap.publish(messages)
    sent = gap.send(batch_bytes=65_536)
    assert sent.batches == 10
    assert all(path.stat().st_size < 66_000 for path in gap.files)
    assert gap.receive().messages == 10


def test_old_kept_batches_go(gap: Gap) -> None:
    gap.publish(numbered(400))
    gap.send(kept_batches=2)
    assert len(list(Path(gap.settings.folder).rglob("*.batch"))) == 2
    assert gap.receive().messages == 400


def test_one_process_carries_at_a_time(gap: Gap) -> None:
    with alone(gap.ledger.folder), pytest.raises(ConflictError):
        gap.receive()


def test_a_damaged_record_stops_the_receiving_side(gap: Gap) -> None:
    gap.publish(numbered(10))
    gap.send()
    path = gap.ledger.folder / "web" / f"{gap.topic}.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    with pytest.raises(ConfigurationError, match="damaged"):
        gap.receive()


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_what_comes_in_is_published_onto_kafka_and_once_in_effect(kafka_inside: Gap) -> None:
    """The inner bus a real Kafka: a fall between publishing and recording repeats a batch there, which unique keys
    absorb; order of keys and bytes hold."""
    messages = numbered(150)
    kafka_inside.publish(messages)
    kafka_inside.send()
    with pytest.raises(Fallen):
        kafka_inside.receive(checkpoint=falling("published"))
    assert kafka_inside.receive().messages == 150
    assert len(kafka_inside.arrived()) == 200
    assert without_repeats(by_key(kafka_inside.arrived())) == wanted(messages)
