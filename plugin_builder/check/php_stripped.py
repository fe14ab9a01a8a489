"""PHP code without comments and whitespace, as Moodle's validator reads a version.php.

Moodle asks PHP's tokenizer. This is the part of it that tells code from comments, from strings and from the text
outside PHP, with its stack of states: a string may hold `{$code}`, and even there `?>` ends the code. What stands
inside strings stays as it is, which is why a release that quotes code can trip the validator.
"""

from __future__ import annotations

import re

_NAME = rb"[a-zA-Z_\x80-\xff][a-zA-Z0-9_\x80-\xff]*"


def _digits(digit: bytes) -> bytes:
    """With underscores between them."""
    return digit + b"+(?:_" + digit + b"+)*"


_OPEN = re.compile(rb"<\?(?:=|php(?:[ \t\n]|\r\n?|\Z))", re.IGNORECASE)
_CODE = re.compile(
    rb"""(?P<close>\?>(?:\r\n|\n|\r)?)
    |(?P<blank>(?:[ \t\r\n]+|/\*.*?(?:\*/|\Z)|(?:\#(?!\[)|//)(?:(?!\?>)[^\r\n])*)+)
    |(?P<single>[bB]?'(?:[^'\\]|\\.)*(?:'|\\?\Z))
    |(?P<heredoc>[bB]?<<<[ \t]*(?P<quote>["']?)(?P<label>NAME)(?P=quote)(?:\r\n|\n|\r))
    |(?P<double>[bB]?")
    |(?P<shell>`)
    |(?P<arrow>\??->)
    |(?P<push>\{)
    |(?P<pop>\})
    |(?P<cast>\([ \t]*(?:int|integer|bool|boolean|float|double|real|string|array|object|unset|binary)[ \t]*\))
    |(?P<word>yield[ \t\r\n]+from(?![a-zA-Z0-9_\x80-\xff])|\$NAME|\\?NAME(?:\\NAME)*)
    |(?P<number>0(?:xHEX|bBITS|oOCTAL)|(?:DIGITS(?:\.(?:DIGITS)?)?|\.DIGITS)(?:e[+-]?DIGITS)?)
    |(?P<operator>\#\[|\.\.\.|<=>|===|!==|\*\*=|\?\?=|<<=|>>=|::|=>|&&|\|\||\?\?|\+\+|--|\*\*|<<|>>|<>|[-+*/.%&|^=!<>]=)
    |(?P<other>.)""".replace(b"NAME", _NAME)
    .replace(b"DIGITS", _digits(b"[0-9]"))
    .replace(b"HEX", _digits(b"[0-9a-f]"))
    .replace(b"BITS", _digits(b"[01]"))
    .replace(b"OCTAL", _digits(b"[0-7]")),
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_AFTER_ARROW = re.compile(rb"(?P<blank>#(?:(?!\?>)[^\r\n])*)|(?P<word>" + _NAME + rb")")
"""Where PHP looks for a property's name, an attribute is a comment and `yield` is a name."""
_TEXT = (
    rb"(?P<embedded>\{(?=\$)|\$\{)|(?P<offset>\$NAME\[)|(?P<variable>\$NAME)"
    rb"|(?P<text>(?:\\ESCAPED|[^\\{$END]|\{(?!\$)|\$(?![{a-zA-Z_\x80-\xff]))+|.)"
).replace(b"NAME", _NAME)
"""What stands inside a string that ends in `END`; a backslash takes what is `ESCAPED` with it."""
_OFFSET = re.compile(rb"[^\] \n\r\t\\'#]*\]?")
_ENDS = {"double": b'"', "shell": b"`"}
_IN_QUOTES = {
    state: re.compile(b"(?P<end>" + end + b")|" + _TEXT.replace(b"END", end).replace(b"ESCAPED", b"."), re.DOTALL)
    for state, end in _ENDS.items()
}
_TOKENS_AFTER_HALT = 3
MOST_TOKENS = 100_000
"""What follows is not read: a version.php has a few dozen."""


def stripped(source: bytes) -> bytes:
    """The code between `<?php` and `?>`, comments and whitespace removed."""
    return _Lexer(source).run()


class _Lexer:
    """States: `html` outside PHP, `code`, and `double`, `shell` and `heredoc` inside strings."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._at = 0
        self._state = "html"
        self._outer: list[str] = []
        self._labels: list[re.Pattern[bytes]] = []
        self._keeping = False
        self._halting = 0
        self._after_arrow = False
        self._kept = bytearray()

    def run(self) -> bytes:
        steps = 0
        while self._at < len(self._source) and steps < MOST_TOKENS:
            steps += 1
            if self._state == "html":
                self._html()
            elif self._state == "code":
                self._code()
            elif self._state == "heredoc":
                self._heredoc()
            else:
                self._quoted(_IN_QUOTES[self._state])
        return bytes(self._kept)

    def _keep(self, text: bytes) -> None:
        if self._keeping:
            self._kept += text

    def _enter(self, state: str) -> None:
        self._outer.append(self._state)
        self._state = state

    def _leave(self) -> None:
        if self._outer:
            self._state = self._outer.pop()

    def _html(self) -> None:
        opened = _OPEN.search(self._source, self._at)
        before, self._at = self._at, opened.end() if opened else len(self._source)
        if opened:
            self._state = "code"
            if opened.start() > before:
                self._count_halt(b"")
            if opened[0] == b"<?=":
                # Another token than T_OPEN_TAG, at which Moodle starts.
                self._count_halt(b"")
            else:
                self._keeping = True

    def _code(self) -> None:
        token = self._after_arrow and _AFTER_ARROW.match(self._source, self._at)
        token = token or _CODE.match(self._source, self._at)
        assert token is not None  # noqa: S101 -- `other` matches any byte
        self._at = token.end()
        kind = token.lastgroup
        if kind == "blank":
            return
        if kind == "close":
            self._state, self._keeping = "html", False
        self._keep(b"function " if token[0] == b"function" else token[0])
        if kind == "heredoc":
            self._open_heredoc(token["label"], nowdoc=token["quote"] == b"'")
        elif kind in ("double", "shell"):
            # PHP replaces the state here and comes back to code, whatever lies on the stack.
            self._state = kind
        elif kind == "push":
            self._enter("code")
        elif kind == "pop":
            self._leave()
        self._count_halt(token[0])

    def _count_halt(self, text: bytes) -> None:
        """After `__halt_compiler` and three more tokens everything is text, and stays as it is."""
        if self._halting:
            self._halting -= 1
            if not self._halting:
                self._keep(self._source[self._at :])
                self._at = len(self._source)
        elif text.lower() == b"__halt_compiler" and not self._after_arrow:
            self._halting = _TOKENS_AFTER_HALT
        self._after_arrow = text in (b"->", b"?->")

    def _quoted(self, pattern: re.Pattern[bytes]) -> None:
        token = pattern.match(self._source, self._at)
        assert token is not None  # noqa: S101 -- `text` matches any byte
        self._at = token.end()
        self._keep(token[0])
        if token.lastgroup == "end":
            self._state = "code"
        else:
            self._after_text(token.lastgroup)

    def _after_text(self, kind: str | None) -> None:
        if kind == "embedded":
            self._enter("code")
        elif kind == "offset":
            # In `"$x[...` PHP expects one simple key, and takes no braces.
            rest = _OFFSET.match(self._source, self._at)
            assert rest is not None  # noqa: S101 -- it may be empty
            self._keep(rest[0])
            self._at = rest.end()

    def _open_heredoc(self, label: bytes, *, nowdoc: bool) -> None:
        closing = re.compile(rb"(?:(?<=[\r\n]))[ \t]*" + re.escape(label) + rb"(?![a-zA-Z0-9_\x80-\xff])")
        if nowdoc:
            found = closing.search(self._source, self._at)
            end = found.end() if found else len(self._source)
            self._keep(self._source[self._at : end])
            self._at = end
        else:
            self._labels.append(closing)
            self._state = "heredoc"

    def _heredoc(self) -> None:
        if ended := self._labels[-1].match(self._source, self._at):
            self._keep(ended[0])
            self._at = ended.end()
            self._labels.pop()
            self._state = "code"
            return
        token = _IN_HEREDOC.match(self._source, self._at)
        assert token is not None  # noqa: S101 -- `text` matches any byte
        self._at = token.end()
        self._keep(token[0])
        self._after_text(token.lastgroup)


_IN_HEREDOC = re.compile(_TEXT.replace(b"END", rb"\r\n").replace(b"ESCAPED", rb"[^\r\n]"), re.DOTALL)
