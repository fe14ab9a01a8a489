"""How Moodle's collator sorts names, those included that nobody sees and that it does not weigh.

PHP sorts a few names by insertion and many by parting them, and neither keeps equal ones in their order: which of two
comes first hangs on every step, so the steps are PHP's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import cache

FEW = 16
"""So many are sorted by insertion."""
NEAR = 6
"""The first of them look for their place step by step, the others two steps at a time."""
_PUNCTUATION = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789"
"""In ICU's order; letters follow."""
_WEIGHTLESS = (
    "00AD 034F 0488-0489 0591-05AF 05BD 05C4-05C5 0600-0605 0610-061A 061C 0640 06D6-06DD 06DF-06E4 06E7-06E8 "
    "06EA-06ED 070F 0740 0743-0744 0747-074A 07FA 0890-0891 0898-089D 08CA-08E2 08EA-08EF 08F3 0951-0952 0F18-0F19 "
    "0F35 0F37 0F3E-0F3F 0F86-0F87 0FC6 17B4-17B5 17D3 180A-180F 1A7F 1B6B-1B73 1CD0-1CE8 1CF4 1CF7-1CF9 200B-200F "
    "202A-202E 2060-2064 2066-206F 2D7F A670-A672 A8E0-A8F1 FE00-FE0F FE21 FE23-FE26 FE28 FE2A-FE2D FE2F FE73 FEFF "
    "FFF9-FFFB 102E0 10EFD-10EFF 110BD 110CD 11366-1136C 11370-11374 13430-13440 13447-13455 16FE4 1BCA0-1BCA3 "
    "1CF00-1CF2D 1CF30-1CF46 1D165-1D169 1D16D-1D182 1D185-1D18B 1D1AA-1D1AD 1D242-1D244 1DA00-1DA36 1DA3B-1DA6C "
    "1DA75 1DA84 1DA9B-1DA9F 1DAA1-1DAAF 1E8D0-1E8D6 E0001 E0020-E007F E0100-E01EF"
)
"""The characters that nobody sees and ICU's collator does not weigh, as hexadecimal ranges."""
Weight = tuple[str, str, str]


@cache
def _weightless() -> re.Pattern[str]:
    ends = (each.partition("-") for each in _WEIGHTLESS.split())
    ranges = (f"{chr(int(first, 16))}-{chr(int(last or first, 16))}" for first, _, last in ends)
    return re.compile(f"[{''.join(ranges)}]+")


def sorts_as_nothing(crumb: str) -> bool:
    """Whether a name is as good as empty where Moodle sorts names."""
    return not crumb.isascii() and _weightless().fullmatch(crumb) is not None


def collated(names: Collection[str]) -> list[str]:
    """Sorted as `core_collator` does it, up to a thousand: PHP parts more in another way."""
    return _Sort({name: _weight(_weightless().sub("", name)) for name in names}).sorted()


def _weight(name: str) -> Weight:
    """What ICU compares by, as far as file names ask for it: letters, then their accents, then which are capitals."""
    letters, accents = [], [""]
    for each in unicodedata.normalize("NFD", name):
        if unicodedata.combining(each):
            accents[-1] += each
        else:
            letters.append(each)
            accents.append("")
    capitals = "".join("1" if each.isupper() else "0" for each in letters)
    return "".join(map(_letter, letters)), "\0".join(accents), capitals


def _letter(letter: str) -> str:
    place = _PUNCTUATION.find(letter)
    return chr(place) if place >= 0 else letter.lower()[:1]


class _Sort:
    def __init__(self, weights: dict[str, Weight]) -> None:
        self._weights = weights

    def sorted(self) -> list[str]:
        names = list(self._weights)
        self._sort(names, 0, len(names))
        return names

    def _greater(self, one: str, other: str) -> bool:
        return self._weights[one] > self._weights[other]

    def _sort(self, names: list[str], first: int, end: int) -> None:
        while end - first > FEW:
            pivot = self._part(names, first, end)
            self._sort(names, first, pivot)
            first = pivot + 1
        names[first:end] = self._inserted(names[first:end])

    def _part(self, names: list[str], first: int, end: int) -> int:
        """Puts what is smaller than one of them before it, and returns its place."""
        middle = (first + end) // 2
        chosen = (first, middle, end - 1)
        for place, name in zip(chosen, self._inserted(names[each] for each in chosen), strict=True):
            names[place] = name
        names[first + 1], names[middle] = names[middle], names[first + 1]
        pivot = names[first + 1]
        low, high = first + 2, end - 1
        while low < high:
            if self._greater(pivot, names[low]):
                low += 1
                continue
            high -= 1
            while low < high and self._greater(names[high], pivot):
                high -= 1
            if low < high:
                names[low], names[high] = names[high], names[low]
                low += 1
        names[first + 1], names[low - 1] = names[low - 1], pivot
        return low - 1

    def _inserted(self, names: Iterable[str]) -> list[str]:
        found = list(names)
        if 3 <= len(found) < NEAR and self._greater(found[0], found[1]) and not self._greater(found[2], found[1]):
            found[:3] = found[2::-1]
        for place in range(1, len(found)):
            name, at = found[place], place
            if self._greater(found[at - 1], name):
                at = self._near(found, name, at - 1) if place < NEAR else self._far(found, name, at - 1)
            found.insert(at, found.pop(place))
        return found

    def _near(self, found: list[str], name: str, at: int) -> int:
        while at and self._greater(found[at - 1], name):
            at -= 1
        return at

    def _far(self, found: list[str], name: str, at: int) -> int:
        while at > 1:
            at -= 2
            if not self._greater(found[at], name):
                return at + 1 if self._greater(found[at + 1], name) else at + 2
        return 1 if at == 1 and self._greater(name, found[0]) else 0
