"""What every side agrees on, as plain data: the ground floor of the house.

The plugin's templates render it into PHP, the mock Moodle checks requests by it, and the engine types its messages
with it. Nothing here performs I/O or imports anything of ours. Identifiers and protocol strings are those of
availability_examus v0.8; where its successor adds something, the docstring says so.

* `condition` -- what a teacher sets: modes, identification, rules, warnings, scoring, and the stored JSON.
* `entry` -- one student's pass to one exam: statuses, their transitions, the table that stores them.
* `access` -- capabilities.
* `webservice` -- the functions' typed signatures.
* `wire` -- paths, messages and numbers that both ends of a connection must share.
"""

__version__ = "1.0.0"
