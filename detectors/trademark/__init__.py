"""Marks in text: readings, candidates through an index, comparators, and what speaks against.

`TrademarkDetector` (name `trademark`) reads a listing's title, brand, seller's name and description, finds the
registry's marks that they bear or play on by shape, sound, meaning, spelling or arrangement (形、音、义), and says what
speaks against each. It leaves to `detectors.triage` how findings add up, and to `detectors.price` and
`detectors.pictures` what is not text.

Fact codes *for* a mark (one finding a mark and field; `score` is the nearness, 1 is identical):

    identical-mark       the mark's text as registered
    alias-mark           an alias that the holder registered, as registered
    known-name           a name by which the mark is generally known, in another language
    trade-slang          what the trade and the net call the mark, on goods of its class
    disguised-mark       the same mark behind separators, look-alike letters, digits for letters, other width or script
    similar-shape        characters or letters replaced by look-alikes
    similar-sound        characters replaced by others read the same or nearly so
    similar-meaning      the name said in other words of one meaning, or in another language
    pinyin-spelling      the mark's pinyin written for its characters
    similar-spelling     a character or letter added, left out or replaced
    similar-order        the mark's characters in another order
    split-character      a character taken apart into two (女马 for 妈)
    gi-other-origin      a geographical indication beside another stated origin
    gi-as-style          a geographical indication said of the style of other goods
    gi-user-unlisted     the seller is not on the list of the indication's users
    style-of-mark        goods said to be like those of the mark (同款 behind its name)
    mark-on-labels       labels or packaging with the mark are the goods themselves
    authorisation-lapsed the seller was on the holder's list until a day that is past

Fact codes *against* (`score` is how sure the fact is; the same `mark_id` as what they answer):

    authorised-seller    the seller is on the holder's list, on this platform, on this day
    plain-resale         the exact mark, undisguised: resale of genuine goods is lawful
    nominative-use       named to say what the goods fit (适用于, 兼容, for)
    second-hand          offered as used or refurbished
    channel              genuine goods outside the authorised channel: parallel import, bought abroad, beyond territory
    export-manufacture   made to the order of a holder abroad, for export (涉外定牌加工)
    unrelated-goods      classes of the mark and of the goods are known and unrelated
    common-word          the mark's text is an everyday word and is used as one here
    word-boundary        the text arises only where two words meet
    measure-or-model     digits read as letters measure something or number a model
    weak-mark            only near to a name that says little: short, generic, or one of many alike
    nearer-other-mark    another mark of the registry is nearer to the same words
    other-known-brand    what is only near is the public name of another brand
    mark-not-in-force    pending, lapsed, disputed or outside its dates

Every finding carries these parameters, so that triage can place the legal cell without looking again:

    nearness             same | similar                        how the mark on the goods stands to the registered one
    goods_relation       same | similar | unrelated | unknown  by Nice classes; unknown where either side is
    picture, address,    of what stands in a picture (field `picture`): the SHA-256 of its bytes, its address, four
      box, confidence    corners `x,y` of its box, and how sure the recogniser is
    trick                why they are near, a word of `detectors/trademark/data/tricks.toml` ("" against)
"""

from detectors.trademark.detector import TrademarkDetector
from detectors.trademark.index import MarkIndex
from detectors.trademark.nearest import Hit, nearest

__all__ = ["Hit", "MarkIndex", "TrademarkDetector", "nearest"]
