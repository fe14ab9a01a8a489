"""PHP's syntax tree, as tree-sitter reads it, in bounded time."""

from __future__ import annotations

from functools import cache
from itertools import accumulate
from time import thread_time

import tree_sitter
import tree_sitter_php

LARGEST = 2**20
MOST_OF = {b";": 20_000, b'"$': 10_000, b"->": 10_000, b"if": 10_000, b"<<<": 500}
MOST_MARKS = 150_000
DEEPEST_CODE = 300
"""What a file may have to be parsed: bytes, certain marks, marks at all, nested brackets. Beyond, parsing would take
long, or the tree, which has two or three nodes a mark, a hundred megabytes."""
COMMON_DEPTH = 20
"""How deep honest code is."""
PATIENCE, SECONDS_A_BYTE = 0.1, 1e-6
"""Processor seconds that parsing may take; the slowest file of Moodle's own takes a quarter of it."""
PIECE = 2**13
_NO_MARKS = bytes(each for each in range(256) if each > 127 or chr(each).isalnum() or chr(each) in "_ \t\r\n")
_STEPS = {ord("("): 1, ord(")"): -1}
_ROUND = bytes.maketrans(b"[{]}", b"(())")
_NO_BRACKETS = bytes(set(range(256)) - set(b"([{)]}"))


@cache
def _language() -> tree_sitter.Language:
    return tree_sitter.Language(tree_sitter_php.language_php())


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(_language())


@cache
def query(pattern: str) -> tree_sitter.Query:
    """A compiled query, in tree-sitter's own language."""
    compiled: tree_sitter.Query = tree_sitter.Query(_language(), pattern)
    return compiled


def parse(source: bytes) -> tree_sitter.Node:
    """The root of the syntax tree; `root.has_error` where PHP would not parse it.

    Recovering from an error takes fifty times what code takes: a source of nothing but errors is read no further than
    its time goes. The library takes no time limit, but it asks for the source piece by piece.
    """
    begun, parsing = thread_time(), True

    def read(offset: int, _: object) -> bytes:
        if parsing and thread_time() - begun > PATIENCE + offset * SECONDS_A_BYTE:
            return b""
        return source[offset : offset + PIECE]

    root = _parser().parse(read).root_node
    parsing = False  # a node's text is read the same way
    return root


def text_of(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def comments(root: tree_sitter.Node) -> list[tuple[int, int]]:
    """Where each comment begins and ends, in order."""
    found = tree_sitter.QueryCursor(query("(comment) @comment")).captures(root).get("comment", [])
    return sorted((node.start_byte, node.end_byte) for node in found)


def is_readable(source: bytes) -> bool:
    """Whether parsing will end soon: not huge, and not nested as only a program would write it."""
    size = len(source)
    if size > LARGEST or any(_has_more(source, mark, most) for mark, most in MOST_OF.items()):
        return False
    if size > MOST_MARKS and len(source.translate(None, _NO_MARKS)) > MOST_MARKS:
        return False
    return _is_shallow(source.translate(_ROUND, _NO_BRACKETS))


def _has_more(source: bytes, mark: bytes, most: int) -> bool:
    """Whether a mark is there so often. A single letter is counted several times as fast as two."""
    return len(source) > most * len(mark) and source.count(mark[-1:]) > most < source.count(mark)


def _is_shallow(brackets: bytes) -> bool:
    """Whether no more than `DEEPEST_CODE` are open anywhere, what closes none counting against those that follow.

    Taking the innermost pairs out takes one level at most, and little time: of honest code soon nothing is left.
    """
    left = brackets
    for levels in range(COMMON_DEPTH):
        if levels + left.count(b"(") <= DEEPEST_CODE:
            return True
        left = left.replace(b"()", b"")
    return max(accumulate(map(_STEPS.__getitem__, brackets))) <= DEEPEST_CODE
