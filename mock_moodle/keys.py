"""Random keys in Moodle's shapes. Seeded, they repeat from run to run; unseeded, they cannot be guessed.

sesskey = current.keys.random_string(10)
token = current.keys.md5()          # 32 hexadecimal digits, as md5(uniqid(rand(), 1))
"""

from __future__ import annotations

import random
import secrets
import string

_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits


class Keys:
    def __init__(self, seed: int | str | None = None) -> None:
        self._random: random.Random = secrets.SystemRandom()
        self.seed(seed)

    def seed(self, seed: int | str | None) -> None:
        """From here on the same keys in the same order; None means unpredictable again."""
        self._random = secrets.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - asked for by a test

    def random_string(self, length: int = 15) -> str:
        """Letters and digits, as Moodle's random_string()."""
        return "".join(self._random.choices(_ALPHABET, k=length))

    def md5(self) -> str:
        """32 hexadecimal digits: tokens, access codes, user keys."""
        return f"{self._random.getrandbits(128):032x}"

    def sha1(self) -> str:
        """40 hexadecimal digits: OAuth codes and tokens."""
        return f"{self._random.getrandbits(160):040x}"
