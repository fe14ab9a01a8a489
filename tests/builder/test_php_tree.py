from __future__ import annotations

from plugin_builder.php_tree import parse


def test_code_is_parsed_to_its_end_and_nothing_but_errors_only_so_far() -> None:
    code = b"<?php\n" + b"function each_time($a) { return $a->b(1, 2, ['x' => 3]); }\n" * 10_000
    assert parse(code).end_byte == len(code)
    errors = b"<?php\n" + b"@ $a " * 100_000
    root = parse(errors)
    assert root.has_error
    assert root.end_byte < len(errors)
