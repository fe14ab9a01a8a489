"""Quizzes: questions, attempts from start to review, the pages of `/mod/quiz/` and the functions `mod_quiz_*`."""
