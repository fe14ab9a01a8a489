"""Restrict access: the tree of conditions on a course module, evaluated as Moodle does.

    answer = check(cm, userid)      # answer.met, answer.information

* `tree` -- the stored JSON read into nodes, and the logic of and, or and their negations.
* `conditions` -- the core conditions: date, group, grouping, completion, profile, grade.
* `plugins` -- conditions that plugins bring.
* `wording` -- what a person is told who may not enter.
* `site` -- the three above for a user of the running site.
"""

from mock_moodle.availability.site import Answer, open_to_all, restrictions_of, tree_of
from mock_moodle.availability.site import availability_of as check

__all__ = ["Answer", "check", "open_to_all", "restrictions_of", "tree_of"]
