"""Runs in moodlepy's environment: typed calls, each of which fails if one mandatory key of an answer is missing."""

import json
import sys

from moodle import Moodle
from moodle.exception import InvalidCredentialException, MoodleException

address, service_token = sys.argv[1:]
student = Moodle.login(address, "anna", "Passw0rd!")
service = Moodle(f"{address}/webservice/rest/server.php", service_token)
site = student.core.webservice.get_site_info()
(course,) = student.core.course.get_enrolled_courses_by_timeline_classification("all").courses
contents = student.core.course.get_contents(course.id)
modules = {module.name: module for section in contents for module in section.modules}
quiz = modules["Open quiz"]


def refusal(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except MoodleException as error:
        return error.errorcode
    except InvalidCredentialException:
        return "invalidlogin"
    return None


print(
    json.dumps(
        {
            "site": {"url": site.siteurl, "user": site.username, "release": site.release},
            "functions": [function.name for function in site.functions],
            "course": course.shortname,
            "sections": [section.section for section in contents],
            "modules": {name: module.modname for name, module in modules.items()},
            "by_field": [each.shortname for each in student.core.course.get_courses_by_field("id", course.id).courses],
            "module": student.core.course.get_course_module(quiz.id).cm.name,
            "enrolment_methods": [each.type for each in student.core.enrol.get_course_enrolment_methods(course.id)],
            "service_courses": [each.shortname for each in service.core.course.get_courses()],
            "service_contents": len(service.core.course.get_contents(course.id)),
            "participants": sorted(each.fullname for each in service.core.enrol.get_enrolled_users(course.id, [])),
            "attempts": student("mod_quiz_get_user_attempts", quizid=quiz.instance)["attempts"],
            "refused": {
                "all_courses": refusal(student.core.course.get_courses),
                "unknown_course": refusal(student.core.course.get_contents, 99999),
                "unknown_function": refusal(student, "core_no_such_function"),
                "wrong_password": refusal(Moodle.login, address, "anna", "wrong"),
            },
        }
    )
)
