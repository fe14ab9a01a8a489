"""Core capabilities that the mock asks for: where they are defined, which archetypes hold them, what Moodle calls them.

Archetypes: s student, t teacher (non-editing), e editingteacher, m manager, c coursecreator, u user, g guest, f
frontpage.
"""

from __future__ import annotations

from typing import NamedTuple

from mock_moodle.store.core import COURSE, COURSECAT, MODULE, SYSTEM, USER

ARCHETYPES = {
    "m": "manager",
    "c": "coursecreator",
    "e": "editingteacher",
    "t": "teacher",
    "s": "student",
    "g": "guest",
    "u": "user",
    "f": "frontpage",
}


class CoreCapability(NamedTuple):
    name: str
    contextlevel: int
    archetypes: str
    title: str
    captype: str = "read"


CORE: tuple[CoreCapability, ...] = (
    CoreCapability("moodle/site:configview", SYSTEM, "m", "View administration tree"),
    CoreCapability("moodle/site:config", SYSTEM, "", "Change site configuration", "write"),
    CoreCapability("moodle/site:accessallgroups", COURSE, "em", "Access all groups"),
    CoreCapability("moodle/site:viewfullnames", COURSE, "tem", "Always see full names of users"),
    CoreCapability("moodle/site:viewuseridentity", COURSE, "tem", "See full user identity in lists"),
    CoreCapability("moodle/site:viewparticipants", SYSTEM, "m", "View participants"),
    CoreCapability("moodle/site:messageanyuser", SYSTEM, "tem", "Message any user", "write"),
    CoreCapability("moodle/site:deleteanymessage", SYSTEM, "m", "Delete any messages on the site", "write"),
    CoreCapability("moodle/site:sendmessage", SYSTEM, "mu", "Send messages to any user", "write"),
    CoreCapability("moodle/site:uploadusers", SYSTEM, "m", "Upload new users from file", "write"),
    CoreCapability("moodle/site:viewreports", SYSTEM, "m", "View reports"),
    CoreCapability("moodle/user:create", SYSTEM, "m", "Create users", "write"),
    CoreCapability("moodle/user:update", SYSTEM, "m", "Update user profiles", "write"),
    CoreCapability("moodle/user:delete", SYSTEM, "m", "Delete users", "write"),
    CoreCapability("moodle/user:viewdetails", COURSE, "gstem", "View user profiles"),
    CoreCapability("moodle/user:viewhiddendetails", COURSE, "tem", "View hidden details of users"),
    CoreCapability("moodle/user:viewalldetails", USER, "m", "View user full information"),
    CoreCapability("moodle/user:viewlastip", USER, "m", "View user last ip address"),
    CoreCapability("moodle/user:manageownfiles", SYSTEM, "u", "Manage files on own private file areas", "write"),
    CoreCapability("moodle/user:editownprofile", SYSTEM, "mu", "Edit own user profile", "write"),
    CoreCapability("moodle/calendar:manageentries", COURSE, "tem", "Manage any calendar entries", "write"),
    CoreCapability("moodle/course:view", COURSE, "m", "View courses without participation"),
    CoreCapability("moodle/course:create", COURSECAT, "cm", "Create courses", "write"),
    CoreCapability("moodle/course:delete", COURSE, "m", "Delete courses", "write"),
    CoreCapability("moodle/course:update", COURSE, "em", "Update course settings", "write"),
    CoreCapability("moodle/course:ignorefilesizelimits", COURSE, "", "Use files larger than any size restrictions"),
    CoreCapability("moodle/course:viewhiddencourses", COURSE, "tem", "View hidden courses"),
    CoreCapability("moodle/course:viewhiddensections", COURSE, "em", "View hidden sections"),
    CoreCapability("moodle/course:viewhiddenactivities", COURSE, "tem", "View hidden activities"),
    CoreCapability("moodle/course:ignoreavailabilityrestrictions", COURSE, "tem", "Ignore availability restrictions"),
    CoreCapability("moodle/course:manageactivities", COURSE, "em", "Manage activities", "write"),
    CoreCapability("moodle/course:managegroups", COURSE, "em", "Manage groups", "write"),
    CoreCapability("moodle/course:viewparticipants", COURSE, "stem", "View participants"),
    CoreCapability("moodle/course:isincompletionreports", COURSE, "s", "Be shown on completion reports"),
    CoreCapability("moodle/user:viewuseractivitiesreport", USER, "", "See user activity reports"),
    CoreCapability("report/completion:view", COURSE, "tem", "View course completion report"),
    CoreCapability("moodle/course:useremail", COURSE, "em", "Enable/disable email address", "write"),
    CoreCapability("moodle/course:enrolreview", COURSE, "em", "Review course enrolments"),
    CoreCapability("moodle/course:reviewotherusers", COURSE, "em", "Review other users"),
    CoreCapability("moodle/category:viewhiddencategories", COURSECAT, "cm", "See hidden categories"),
    CoreCapability("moodle/category:viewcourselist", COURSECAT, "gu", "See list of courses"),
    CoreCapability("moodle/role:assign", COURSE, "em", "Assign roles to users", "write"),
    CoreCapability("moodle/role:manage", SYSTEM, "m", "Create and manage roles", "write"),
    CoreCapability("moodle/role:review", COURSE, "tem", "Review permissions for others"),
    CoreCapability("moodle/grade:view", COURSE, "s", "View own grades"),
    CoreCapability("moodle/grade:viewall", COURSE, "tem", "View grades of other users"),
    CoreCapability("moodle/grade:viewhidden", COURSE, "tem", "View hidden grades for owner"),
    CoreCapability("moodle/calendar:manageownentries", COURSE, "um", "Manage own calendar entries", "write"),
    CoreCapability("moodle/webservice:createtoken", SYSTEM, "m", "Create a web service token", "write"),
    CoreCapability("moodle/webservice:createmobiletoken", SYSTEM, "u", "Create a web service token for mobile access"),
    CoreCapability("moodle/webservice:managealltokens", SYSTEM, "m", "Manage all users web service tokens", "write"),
    CoreCapability("enrol/manual:enrol", COURSE, "em", "Enrol users", "write"),
    CoreCapability("enrol/manual:unenrol", COURSE, "em", "Unenrol users from the course", "write"),
    CoreCapability("gradereport/user:view", COURSE, "stem", "View user report"),
    CoreCapability("gradereport/grader:view", COURSE, "tem", "View grader report"),
    CoreCapability("gradereport/history:view", COURSE, "tem", "View grade history"),
    CoreCapability("gradereport/singleview:view", COURSE, "em", "View single view"),
    CoreCapability("gradereport/summary:view", COURSE, "tem", "View grade summary report"),
    CoreCapability("moodle/grade:export", COURSE, "tem", "Export grades"),
    CoreCapability("moodle/grade:manage", COURSE, "em", "Manage grade items", "write"),
    CoreCapability("moodle/backup:backupcourse", COURSE, "em", "Backup courses", "write"),
    CoreCapability("report/log:view", COURSE, "tem", "View course logs"),
    CoreCapability("report/loglive:view", COURSE, "tem", "View live logs"),
    CoreCapability("report/outline:view", COURSE, "tem", "View activity report"),
    CoreCapability("report/participation:view", COURSE, "tem", "View course participation report"),
    CoreCapability("report/progress:view", COURSE, "tem", "View activity completion reports"),
    CoreCapability("webservice/rest:use", SYSTEM, "", "Use REST protocol"),
    CoreCapability("webservice/soap:use", SYSTEM, "", "Use SOAP protocol"),
    CoreCapability("mod/forum:addnews", MODULE, "tem", "Add announcements", "write"),
    CoreCapability("mod/forum:startdiscussion", MODULE, "stem", "Start new discussions", "write"),
    CoreCapability("mod/quiz:view", MODULE, "gstem", "View quiz information"),
    CoreCapability("mod/quiz:attempt", MODULE, "s", "Attempt quizzes", "write"),
    CoreCapability("mod/quiz:reviewmyattempts", MODULE, "s", "Review your own attempts"),
    CoreCapability("moodle/question:flag", COURSE, "stem", "Flag questions while attempting them"),
    CoreCapability("moodle/question:editall", COURSE, "em", "Edit all questions", "write"),
    CoreCapability("mod/quiz:preview", MODULE, "tem", "Preview quizzes", "write"),
    CoreCapability("mod/quiz:manage", MODULE, "em", "Manage quizzes", "write"),
    CoreCapability("mod/quiz:manageoverrides", MODULE, "em", "Manage quiz overrides", "write"),
    CoreCapability("mod/quiz:viewoverrides", MODULE, "tem", "View quiz overrides"),
    CoreCapability("mod/quiz:viewreports", MODULE, "tem", "View quiz reports"),
    CoreCapability("mod/quiz:grade", MODULE, "tem", "Grade quizzes manually", "write"),
    CoreCapability("mod/quiz:reopenattempts", MODULE, "em", "Reopen never submitted quiz attempts", "write"),
    CoreCapability("mod/quiz:deleteattempts", MODULE, "em", "Delete quiz attempts", "write"),
    CoreCapability("mod/quiz:emailnotifyattemptgraded", MODULE, "", "Be notified when your own attempt is graded"),
    CoreCapability("mod/quiz:ignoretimelimits", MODULE, "", "Ignore quiz time limit"),
    CoreCapability("mod/assign:view", MODULE, "gstem", "View assignment"),
    CoreCapability("mod/assign:submit", MODULE, "s", "Submit assignment", "write"),
    CoreCapability("mod/assign:grade", MODULE, "tem", "Grade assignment", "write"),
    CoreCapability("mod/assign:viewgrades", MODULE, "tem", "View grades"),
    CoreCapability("mod/forum:viewdiscussion", MODULE, "gstem", "View discussions"),
    CoreCapability("mod/forum:viewhiddentimedposts", MODULE, "tem", "View hidden timed posts"),
    CoreCapability("mod/resource:view", MODULE, "gu", "View resource"),
    CoreCapability("mod/page:view", MODULE, "gu", "View page content"),
    CoreCapability("mod/book:read", MODULE, "gstem", "View books"),
    CoreCapability("mod/folder:view", MODULE, "gu", "View folder content"),
    CoreCapability("mod/lesson:view", MODULE, "gu", "View lesson activity"),
    CoreCapability("mod/data:view", MODULE, "gstem", "View database activity"),
    CoreCapability("mod/lesson:manage", MODULE, "tem", "Manage a lesson activity", "write"),
    CoreCapability("mod/book:edit", MODULE, "em", "Edit book chapters", "write"),
    CoreCapability("mod/data:viewentry", MODULE, "gstem", "View entries"),
    CoreCapability("mod/workshop:view", MODULE, "gstem", "View workshop"),
    CoreCapability("local/oauth:manageclients", SYSTEM, "m", "Manage OAuth provider Clients", "write"),
)

TITLES = {capability.name: capability.title for capability in CORE}
