"""Restrict access: the tree of conditions on a course module, evaluated as Moodle does.

* `tree` -- the stored JSON read into nodes, and the logic of and, or and their negations.
* `conditions` -- the core conditions: date, group, grouping, completion, profile, grade.
* `wording` -- what a person is told who may not enter.
"""
