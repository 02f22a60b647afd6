"""Grouping twins: a generated market of which one listing in ten is a twin, and how many of the planted twins meet.

`python -m bench grouping` takes 100,000 listings; `python -m bench.grouping --listings 1000000` as many as are asked
for. Every planted twin is a rewritten copy: words added, dropped or moved, its picture re-encoded (a few bits of its
hash flip) or replaced. Runaways are planted too: chains that slide from goods to goods. The baseline is the slow rule
on every pair, timed on a sample and scaled up.
"""

import argparse
import random
import resource
from collections.abc import Iterator
from itertools import combinations, islice
from time import perf_counter

from detectors.grouping import Entry, are_twins, propose
from detectors.grouping.twins import folded

LISTINGS = 100_000
TWIN_SHARE = 0.1
CHAINS, LINKS = 5, 40
LISTINGS_A_MARK = 500
GOODS = (
    "护手霜 洗面奶 面膜 精华液 保温杯 蓝牙耳机 充电宝 运动鞋 连衣裙 羽绒服 双肩包 茶叶 坚果 洗衣液 纸尿裤 电饭煲 台灯 "
    "床单 毛巾 积木 童装 手表 眼镜 雨伞 剃须刀 牙刷 猫粮 狗粮 渔具 帐篷"
)
WORDS = (
    "新款 正装 家用 便携 加厚 轻薄 学生 办公 户外 儿童 男士 女士 送礼 礼盒 大容量 迷你 经典 升级 防水 静音 柔软 保湿 "
    "控油 清爽 纯棉 真皮 不锈钢 陶瓷 可爱 简约 复古 韩版 日系 夏季 冬季 春秋 速干 透气 抗菌 护眼 充电式 折叠 可拆洗 "
    "高颜值 实用 耐用 多功能 单支 两件 组合 限量 联名 定制 专柜 旗舰 同款 进口 国产 有机 低糖 无线 智能 快充 长续航"
)
ADDED = ("包邮", "现货", "清仓", "特价", "顺丰", "今日发", "热卖", "限时")


def run(listings: int = LISTINGS) -> dict[str, float]:
    """Group a generated market; see the module."""
    planted: dict[str, str] = {}
    market = _market(listings, planted)
    started = perf_counter()
    found = propose(market)
    seconds = perf_counter() - started
    group_of = {lead_id: group[0] for group in found.groups for lead_id in group}
    together = sum(group_of.get(twin, twin) == group_of.get(original, "") for twin, original in planted.items())
    strangers = sum(
        _family(one, planted) != _family(group[0], planted) for group in found.groups for one in group if one[0] != "c"
    )
    slow = _every_pair_seconds(listings)
    return {
        "listings": listings,
        "planted twins": len(planted),
        "share of planted twins found": round(together / len(planted), 4),
        "listings grouped with a stranger": strangers,
        "planted runaways": CHAINS,
        "alarms": len(found.alarms),
        "seconds, generating included": round(seconds, 1),
        "listings/s": listings / seconds,
        "peak memory of the process, GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
        "hours that every pair would take (baseline, scaled up)": slow / 3600,
        "times faster than every pair": slow / seconds,
    }


def _market(listings: int, planted: dict[str, str]) -> Iterator[Entry]:
    chance = random.Random(20261123)
    goods_words, title_words = GOODS.split(), WORDS.split()
    marks = max(4, listings // LISTINGS_A_MARK)
    twins = int(listings * TWIN_SHARE)
    recent: list[tuple[str, str, list[str], int]] = []
    for number in range(listings - twins - CHAINS * LINKS):
        lead_id = f"l{number:08}"
        mark = chance.randrange(marks)
        words = [
            f"品牌{mark}",
            chance.choice(goods_words),
            *chance.sample(title_words, 9),
            f"{chance.randrange(5, 990)}克",
        ]
        picture = chance.getrandbits(64)
        yield Entry(lead_id, f"listing:{mark}", folded(" ".join(words)), (picture,))
        recent.append((lead_id, f"listing:{mark}", words, picture))
        while len(planted) * (1 - TWIN_SHARE) < number * TWIN_SHARE and len(planted) < twins:
            original, goods, words, picture = chance.choice(recent[-2000:])
            twin = f"t{len(planted):08}"
            planted[twin] = original
            yield Entry(twin, goods, folded(" ".join(_rewritten(words, chance))), _recoded(picture, chance))
    for number in range(CHAINS):
        text = "".join(chance.sample([chr(code) for code in range(0x5000, 0x9000)], 40 + 4 * LINKS))
        for link in range(LINKS):
            yield Entry(f"c{number}{link:06}", f"listing:chain{number}", text[4 * link : 4 * link + 40], ())


def _rewritten(words: list[str], chance: random.Random) -> list[str]:
    """A copy as resellers make them: decorated, and in one of three cases also cut or reordered."""
    copy = [*words, *chance.sample(ADDED, chance.randrange(0, 3))]
    if chance.random() < 0.33:
        place = chance.randrange(2, len(words) - 1)
        moved = copy.pop(place)
        if chance.random() < 0.5:
            copy.insert(chance.randrange(2, len(copy)), moved)
    return copy


def _recoded(picture: int, chance: random.Random) -> tuple[int, ...]:
    """The picture saved again, or in one of five cases another one."""
    if chance.random() < 0.2:
        return (chance.getrandbits(64),)
    for bit in chance.sample(range(64), chance.randrange(0, 5)):
        picture ^= 1 << bit
    return (picture,)


def _family(lead_id: str, planted: dict[str, str]) -> str:
    return planted.get(lead_id, lead_id)


def _every_pair_seconds(listings: int) -> float:
    sample = list(islice(_market(1_000, {}), 120))
    pairs = list(combinations(sample, 2))
    started = perf_counter()
    for one, other in pairs:
        are_twins(one._replace(goods_key=""), other._replace(goods_key=""))
    return (perf_counter() - started) / len(pairs) * listings * (listings - 1) / 2 / max(4, listings // LISTINGS_A_MARK)


def main() -> None:
    parser = argparse.ArgumentParser(description="Group a generated market.")
    parser.add_argument("--listings", type=int, default=LISTINGS)
    for figure, value in run(parser.parse_args().listings).items():
        print(f"  {value:>14,.4g}  {figure}")


if __name__ == "__main__":
    main()
