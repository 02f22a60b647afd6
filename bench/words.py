"""Words in pictures: how many printed names are read, under ten conditions, and how fast. `python -m bench.words`

240 generated pictures (`bench.printed_words`), each third a look-alike of the name before it. The baseline is rapidocr
as it comes, on the same pictures, in turn with the reader of this project; both in one process on one thread, which is
what their ratio is taken from. Then the reader as workers use it: two processes, pictures handed over by threads.
Where the extra `ocr` or a font is missing it says so and ends.
"""

import io
import re
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, process_time

import numpy as np
from PIL import Image

from bench.printed_words import NAMES, pictures
from streams.pictures import PictureReader, PictureSettings
from streams.pictures.words import WordReader, installed

LOOK_ALIKES = frozenset(row[1] for row in NAMES)
TIMED = 60


def run() -> dict[str, float]:
    """The figures, by name: shares of names read, milliseconds of processor time a picture, pictures a second."""
    if not installed():
        print("the extra ocr is not installed: nothing to measure")
        return {}
    made = pictures()
    return reading_rate([one.data for one in made]) | quality()


def quality() -> dict[str, float]:
    """Shares of names read, overall, of look-alikes and by condition; stock rapidocr beside."""
    from rapidocr import RapidOCR

    made = pictures()
    ours, stock = WordReader(1), RapidOCR(params={"Global.log_level": "critical", **_one_thread()})
    read: Counter[str] = Counter()
    of: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    for one in made:
        picture = Image.open(io.BytesIO(one.data)).convert("RGB")
        started = process_time()
        words = [word.text for word in ours.read(picture)]
        spent["ours"] += process_time() - started
        started = process_time()
        plainly = stock(np.asarray(picture)[..., ::-1])
        spent["stock"] += process_time() - started
        kinds = ["all names", one.condition] + (["look-alikes"] if one.name in LOOK_ALIKES else [])
        for kind in kinds:
            of[kind] += 1
            read[kind] += _holds(words, one.name)
            read[f"{kind}, stock"] += _holds(plainly.txts or (), one.name)
    figures = {f"of names read: {kind}": read[kind] / of[kind] for kind in of}
    figures |= {f"of names read by stock rapidocr: {kind}": read[f"{kind}, stock"] / of[kind] for kind in of}
    return figures | {
        "ms of processor time a picture": 1000 * spent["ours"] / len(made),
        "ms of processor time a picture, stock rapidocr": 1000 * spent["stock"] / len(made),
        "times as fast as stock rapidocr": spent["stock"] / spent["ours"],
    }


def reading_rate(files: list[bytes]) -> dict[str, float]:
    """Pictures a second to level `full`, two processes at once, from bytes to words, codes, hashes and shapes."""
    with PictureReader(PictureSettings(word_children=2)) as reader, ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda data: reader.read("", data, "full"), files[:4]))
        started = perf_counter()
        list(threads.map(lambda data: reader.read("", data, "full"), files[:TIMED]))
        taken = perf_counter() - started
    return {"pictures of 640 px read/s (level full, two processes)": TIMED / taken}


def _one_thread() -> dict[str, int]:
    return {
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }


def _holds(lines: Iterable[object], name: str) -> bool:
    said = re.sub(r"\s", "", "".join(map(str, lines)))
    return re.sub(r"\s", "", name) in said


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{value:12.3f}  {figure}")
