"""PHP code without comments and whitespace, as Moodle's validator reads a version.php.

Moodle asks PHP's tokenizer; this is the part of it that tells code from comments, strings and text outside PHP. What
stands inside strings stays as it is, which is why a release that quotes code can trip the validator.
"""

from __future__ import annotations

import re

_OPEN = re.compile(rb"<\?php(?:[ \t]|\r?\n|\Z)", re.IGNORECASE)
_OPEN_ECHO = re.compile(rb"<\?=")
_ANY_OPEN = re.compile(rb"<\?(?:=|php(?:[ \t]|\r?\n|\Z))", re.IGNORECASE)
_TOKEN = re.compile(
    rb"""(?P<close>\?>(?:\r?\n)?)
    |(?P<blank>[ \t\r\n]+)
    |(?P<block>/\*.*?(?:\*/|\Z))
    |(?P<line>(?:\#(?!\[)|//)(?:(?!\?>)[^\r\n])*)
    |(?P<single>[bB]?'(?:[^'\\]|\\.)*(?:'|\Z))
    |(?P<heredoc>[bB]?<<<[ \t]*(?P<quote>["']?)(?P<label>[a-zA-Z_\x80-\xff][a-zA-Z0-9_\x80-\xff]*)(?P=quote)\r?\n)
    |(?P<double>[bB]?")
    |(?P<shell>`)
    |(?P<halt>__halt_compiler\b)
    |(?P<cast>\([ \t]*(?:int|integer|bool|boolean|float|double|real|string|array|object|unset|binary)[ \t]*\))
    |(?P<word>[a-zA-Z_\x80-\xff][a-zA-Z0-9_\x80-\xff]*)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_HALTED = re.compile(rb"(?:\s|/\*.*?\*/|(?:#|//)[^\r\n]*)*\((?:\s)*\)(?:\s)*(?:;|\?>\n?)", re.DOTALL)


def stripped(source: bytes) -> bytes:
    """The code between `<?php` and `?>`, comments and whitespace removed."""
    kept = bytearray()
    at = 0
    while opened := _ANY_OPEN.search(source, at):
        echo = opened[0] == b"<?="
        code, at, halted = _code(source, opened.end())
        if not echo:
            kept += code
            if halted:
                kept += source[at:]
        if halted:
            break
    return bytes(kept)


def _code(source: bytes, at: int) -> tuple[bytes, int, bool]:
    """The code up to the closing tag, where that ends, and whether `__halt_compiler` ended it instead."""
    kept = bytearray()
    while at < len(source):
        token = _TOKEN.match(source, at)
        assert token is not None  # noqa: S101 -- `other` matches any byte
        at = token.end()
        kind = token.lastgroup
        if kind == "close":
            return bytes(kept), at, False
        if kind in ("blank", "block", "line"):
            continue
        if kind in ("double", "shell"):
            text, at = _interpolated(source, at, token[0][-1:])
            kept += token[0] + text
        elif token["heredoc"] is not None:
            end = _heredoc_end(source, at, token["label"])
            kept += source[token.start() : end]
            at = end
        elif kind == "halt" and (rest := _HALTED.match(source, at)):
            kept += token[0] + b"();"
            return bytes(kept), rest.end(), True
        else:
            kept += token[0]
            if token[0] == b"function":
                kept += b" "
    return bytes(kept), at, False


def _interpolated(source: bytes, at: int, quote: bytes) -> tuple[bytes, int]:
    """The rest of a double-quoted string. Inside `{$ … }` there is code, stripped like any other."""
    kept = bytearray()
    while at < len(source):
        byte = source[at : at + 1]
        if byte == b"\\":
            kept += source[at : at + 2]
            at += 2
        elif byte == quote:
            return bytes(kept + byte), at + 1
        elif source[at : at + 2] in (b"{$", b"${"):
            text, at = _embedded(source, at + (1 if byte == b"{" else 2))
            kept += (b"{" if byte == b"{" else b"${") + text
        else:
            kept += byte
            at += 1
    return bytes(kept), at


def _embedded(source: bytes, at: int) -> tuple[bytes, int]:
    """Code up to the brace that closes it."""
    kept = bytearray()
    depth = 1
    while at < len(source) and depth:
        token = _TOKEN.match(source, at)
        assert token is not None  # noqa: S101 -- `other` matches any byte
        at = token.end()
        depth += {b"{": 1, b"}": -1}.get(token[0], 0)
        if token.lastgroup in ("double", "shell"):
            text, at = _interpolated(source, at, token[0][-1:])
            kept += token[0] + text
        elif token.lastgroup not in ("blank", "block", "line"):
            kept += token[0]
    return bytes(kept), at


def _heredoc_end(source: bytes, at: int, label: bytes) -> int:
    closing = re.compile(rb"^[ \t]*" + re.escape(label) + rb"(?![a-zA-Z0-9_\x80-\xff])", re.MULTILINE)
    found = closing.search(source, at)
    return found.end() if found else len(source)
