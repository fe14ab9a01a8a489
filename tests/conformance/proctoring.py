"""The plugin's five functions and its pages as Python calls, named by the contract."""

from __future__ import annotations

from typing import Any

from conformance.browser import Browser, Page
from conformance.webservice import WebService

from contract import webservice as functions
from contract.entry import Status
from contract.wire import ENTRY_PATH, LOG_PATH


class Proctoring:
    """What the proctoring service asks of a Moodle."""

    def __init__(self, service: WebService) -> None:
        self.service = service

    def exams(self, email: str, **more: Any) -> list[dict[str, Any]]:
        return self._modules(useremail=email, **more)

    def exam(self, email: str) -> dict[str, Any]:
        """The only exam of somebody who is enrolled in the one course."""
        found = self.exams(email)
        assert len(found) == 1, f"{email} has {len(found)} proctored exams instead of one"
        return found[0]

    def behind(self, accesscode: str) -> dict[str, Any]:
        found = self._modules(accesscode=accesscode)
        assert len(found) == 1, f"access code {accesscode} leads to {len(found)} exams instead of one"
        return found[0]

    def status(self, accesscode: str) -> Status:
        return Status(self.behind(accesscode)["status"])

    def review(self, accesscode: str, status: str, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.service(
            functions.SUBMIT_PROCTORING_REVIEW.full_name(), accesscode=accesscode, status=status, **more
        )
        return answer

    def reset(self, accesscode: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.service(functions.RESET_ENTRY.full_name(), accesscode=accesscode)
        return answer

    def picture(self, email: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.service(functions.USER_PICTURE.full_name(), useremail=email)
        return answer

    def access(self, email: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.service(functions.AUTH_ACCESS.full_name(), useremail=email)
        return answer

    def _modules(self, **parameters: Any) -> list[dict[str, Any]]:
        modules: list[dict[str, Any]] = self.service(functions.USER_PROCTORED_MODULES.full_name(), **parameters)[
            "modules"
        ]
        return modules


def open_entry(browser: Browser, accesscode: str) -> Page:
    """Present an access code, as the address in the exam list does."""
    return browser.get(ENTRY_PATH, accesscode=accesscode)


def leads_to_quiz(page: Page, cmid: int) -> bool:
    return page.status == 303 and page.location.endswith(f"/mod/quiz/view.php?id={cmid}")


def renew(admin: Browser, entry: int, *, force: bool = False) -> None:
    """Press "New entry" in the log's row of `entry`."""
    fields: dict[str, str | int] = {"action": "renew", "id": entry, "sesskey": admin.get("/my/").sesskey}
    page = admin.post(LOG_PATH, **fields, **({"force": "true"} if force else {}))
    assert "/index.php" in page.location, f"{page.status} {page.text[:200]}"
