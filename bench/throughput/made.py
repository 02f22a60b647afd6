"""What the throughput bench screens: invented marks of all lengths, and listings of which a few bear one of them."""

import random

from models.moments import now
from models.registry import Mark, Registry
from models.subjects import Listing, Seller

HIT_SHARE = 0.07  # planted, half of them played upon at random; some are not near enough, some more arise by chance

# The 3,755 characters of everyday use: level 1 of GB 2312, rows 16 to 55.
CHARACTERS = [
    bytes((row, cell)).decode("gb2312")
    for row in range(0xB0, 0xD8)
    for cell in range(0xA1, 0xFF)
    if not (row == 0xD7 and cell > 0xF9)
]
GOODS = (
    "矿泉水",
    "保湿面霜",
    "男士皮鞋",
    "儿童书包",
    "不锈钢保温杯",
    "纯棉毛巾",
    "蓝牙耳机",
    "数据线",
    "陶瓷茶具",
    "洗发水",
    "羽绒服",
    "运动袜",
    "电热水壶",
)
PRAISE = (
    "新款",
    "包邮",
    "家用",
    "加厚",
    "便携",
    "百搭",
    "学生",
    "户外",
    "秋冬",
    "简约",
)
SIZES = ("500ml*24", "1L", "250g", "2条装", "大号", "1.5m", "3只", "50片", "42码", "黑色")


def marks(count: int, chance: random.Random) -> list[Mark]:
    """Invented marks: three in four of 2 to 6 characters, the others of 5 to 10 letters, one or two classes each. None
    is a word of the listings, or such a word with one character exchanged: by chance one would be in every tenth."""
    made: dict[str, Mark] = {}
    while len(made) < count:
        if chance.random() < 0.75:
            length = chance.choices((2, 3, 4, 5, 6), (1, 42, 42, 10, 5))[0]
            text = "".join(chance.choices(CHARACTERS, k=length))
        else:
            text = "".join(
                chance.choice("bcdfghklmnprstvz" if i % 2 else "aeiou") for i in range(chance.randint(5, 10))
            )
        if _is_a_word(text):
            continue
        classes = tuple(sorted(chance.sample(range(1, 46), chance.randint(1, 2))))
        made.setdefault(text, Mark(mark_id=f"M{len(made):06d}", text=text, nice_classes=classes))
    return list(made.values())


def _is_a_word(text: str) -> bool:
    windows = (word[at : at + len(text)] for word in (*GOODS, *PRAISE) for at in range(len(word) - len(text) + 1))
    return any(sum(one != other for one, other in zip(text, window, strict=True)) <= 1 for window in windows)


def listings(count: int, registry: Registry, chance: random.Random, prefix: str) -> list[Listing]:
    """Listings without pictures. A few bear a mark, half of them with a character exchanged."""
    made = []
    for number in range(count):
        words = [chance.choice(GOODS), *chance.sample(PRAISE, 4), chance.choice(SIZES), str(chance.randint(1, 999))]
        chance.shuffle(words)
        if chance.random() < HIT_SHARE:
            words.insert(0, _played_upon(chance.choice(registry.marks).text, chance))
        made.append(
            Listing(
                listing_id=f"{prefix}-{number}",
                platform="bench",
                title=" ".join(words),
                price=f"{chance.randint(5, 500)}.90",
                currency="CNY",
                seller=Seller(id=str(number % 1000), name=f"{chance.choice(PRAISE)}{number % 1000}店"),
                description="。".join(chance.sample(PRAISE, 8)),
                captured_at=now(),
            )
        )
    return made


def _played_upon(text: str, chance: random.Random) -> str:
    if chance.random() < 0.5:
        return text
    place = chance.randrange(len(text))
    return text[:place] + chance.choice(CHARACTERS) + text[place + 1 :]
