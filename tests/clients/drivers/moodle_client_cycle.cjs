// Runs beside npm's moodle-client: sign-in, calls, a quiz from start to review, a file up and down again.
"use strict";

const { init } = require("moodle-client");

async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    return { failed: String(error.message || error), status: error.statusCode };
  }
}

async function quizCycle(anna, quizid) {
  const ask = (wsfunction, args) => anna.call({ wsfunction, args, method: "POST" });
  const { attempt } = await ask("mod_quiz_start_attempt", { quizid });
  const data = await ask("mod_quiz_get_attempt_data", { attemptid: attempt.id, page: 0 });
  const [question] = data.questions;
  const prefix = /name="(q\d+:\d+_):sequencecheck"/.exec(question.html)[1];
  const answers = [
    { name: `${prefix}:sequencecheck`, value: String(question.sequencecheck) },
    { name: `${prefix}answer`, value: "1" },
  ];
  const saved = await ask("mod_quiz_save_attempt", { attemptid: attempt.id, data: answers });
  const finished = await ask("mod_quiz_process_attempt", { attemptid: attempt.id, data: answers, finishattempt: 1 });
  const review = await ask("mod_quiz_get_attempt_review", { attemptid: attempt.id });
  return {
    started: attempt.state,
    saved: saved.status,
    finished: finished.state,
    grade: review.grade,
    mark: review.questions[0].mark,
    type: review.questions[0].type,
  };
}

async function fileCycle(anna) {
  const content = Buffer.from("Grüße\u0000\u0001", "utf8");
  const [draft] = await anna.upload({
    files: { file_box: { value: content, options: { filename: "notes.bin", contentType: "application/octet-stream" } } },
  });
  const added = await anna.call({
    wsfunction: "core_user_add_user_private_files",
    args: { draftid: draft.itemid },
    method: "POST",
  });
  const info = await anna.call({ wsfunction: "core_user_get_private_files_info" });
  const back = await anna.download({ filepath: `/${draft.contextid}/user/private/notes.bin` });
  const missing = await outcome(anna.download({ filepath: `/${draft.contextid}/user/private/none.bin` }));
  return { draft: draft.filename, added, files: info.filecount, same: content.equals(back), missing: missing.status };
}

async function main(wwwroot) {
  const anna = await init({ wwwroot, username: "anna", password: "Passw0rd!" });
  const site = await anna.call({ wsfunction: "core_webservice_get_site_info" });
  const [course] = await anna.call({ wsfunction: "core_enrol_get_users_courses", args: { userid: site.userid } });
  const { quizzes } = await anna.call({ wsfunction: "mod_quiz_get_quizzes_by_courses", args: { courseids: [course.id] } });
  const options = [{ name: "excludemodules", value: 1 }];
  return {
    wrongPassword: await outcome(init({ wwwroot, username: "anna", password: "wrong" })),
    site: site.siteurl,
    sameWithToken: (await (await init({ wwwroot, token: anna.token })).call({ wsfunction: "core_webservice_get_site_info" })).username,
    course: course.shortname,
    bare: (
      await anna.call({
        wsfunction: "core_course_get_contents",
        args: { courseid: course.id, options },
        settings: { raw: true, fileurl: false, filter: false },
      })
    ).flatMap((section) => section.modules),
    byField: (await anna.call({ wsfunction: "core_user_get_users_by_field", args: { field: "id", values: [site.userid] } })).map(
      (user) => user.username,
    ),
    missingArgument: (await anna.call({ wsfunction: "core_course_get_contents" })).errorcode,
    quiz: await quizCycle(anna, quizzes.find((quiz) => quiz.name === "Open quiz").id),
    file: await fileCycle(anna),
  };
}

main(process.argv[2]).then(
  (result) => console.log(JSON.stringify(result)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
