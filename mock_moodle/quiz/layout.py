"""Which questions stand on which page. An attempt keeps it as "1,0,2,3,0": slots in order, 0 ends a page."""

from __future__ import annotations


def make_layout(slots: int, per_page: int) -> str:
    """`per_page` 0 puts all on one page.

    >>> make_layout(3, 2)
    '1,2,0,3,0'
    """
    size = per_page or max(slots, 1)
    pages = [range(first, min(first + size, slots + 1)) for first in range(1, slots + 1, size)]
    return ",".join(",".join(map(str, page)) + ",0" for page in pages)


def read_layout(layout: str) -> list[list[int]]:
    """The slots of each page.

    >>> read_layout("1,2,0,3,0")
    [[1, 2], [3]]
    """
    pages: list[list[int]] = [[]]
    for part in filter(None, layout.split(",")):
        if part == "0":
            pages.append([])
        else:
            pages[-1].append(int(part))
    return [page for page in pages if page]
