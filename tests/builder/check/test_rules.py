"""Each rule of ours on the smallest plugin that breaks it, and silence on one that breaks none."""

from __future__ import annotations

import json

import pytest
from builder.crafted_zip import UNIX, VERSION, Crafted, crafted
from programs import need

from plugin_builder.check import Finding, Report
from plugin_builder.check.checking import check_bytes
from plugin_builder.check.rules import RULES
from plugin_builder.check.site import site

LANGUAGE = b"<?php\n$string['pluginname'] = 'Demo';\n$string['demo:use'] = 'Use';\n"
GOOD: dict[str, bytes] = {
    "version.php": VERSION + b"$plugin->supported = [404, 405];\n",
    "lang/en/local_demo.php": LANGUAGE,
    "classes/observer.php": b"<?php\nnamespace local_demo;\nclass observer {\n static function seen($e) {}\n}\n",
    "classes/external/list_all.php": (
        b"<?php\nnamespace local_demo\\external;\nclass list_all extends \\core_external\\external_api {\n"
        b" static function execute(?int $a = null): array { return []; }\n}\n"
    ),
    "classes/task/tidy.php": (
        b"<?php\nnamespace local_demo\\task;\nclass tidy extends \\core\\task\\scheduled_task {\n"
        b" function execute() { echo get_string('pluginname', 'local_demo'); }\n}\n"
    ),
    "db/services.php": (
        b"<?php\n$functions = ['local_demo_list_all' => ['classname' => 'local_demo\\external\\list_all']];\n"
        b"$services = ['Demo' => ['functions' => ['local_demo_list_all', 'core_user_get_users']]];\n"
    ),
    "db/events.php": (
        b"<?php\n$observers = [['eventname' => '\\core\\event\\user_created',\n"
        b"'callback' => '\\local_demo\\observer::seen']];\n"
    ),
    "db/hooks.php": b"<?php\n$callbacks = [['hook' => 'x', 'callback' => [local_demo\\observer::class, 'seen']]];\n",
    "db/tasks.php": b"<?php\n$tasks = [['classname' => '\\local_demo\\task\\tidy']];\n",
    "db/access.php": (
        b"<?php\n$capabilities = ['local/demo:use' => ['captype' => 'read', 'contextlevel' => CONTEXT_SYSTEM]];\n"
    ),
    "db/messages.php": b"<?php\n$messageproviders = ['news' => ['capability' => 'local/demo:use']];\n",
    "db/upgrade.php": (
        b"<?php\nfunction xmldb_local_demo_upgrade($oldversion) {\n if ($oldversion < 2024010100) {\n"
        b"  upgrade_plugin_savepoint(true, 2024010100, 'local', 'demo');\n }\n return true;\n}\n"
    ),
    "db/install.xml": (
        b'<?xml version="1.0" encoding="UTF-8" ?>\n<XMLDB PATH="local/demo/db" VERSION="1">\n<TABLES>\n'
        b'<TABLE NAME="local_demo">\n<FIELDS>\n<FIELD NAME="id" TYPE="int" LENGTH="10" NOTNULL="true"/>\n'
        b'<FIELD NAME="title" TYPE="char" LENGTH="255" NOTNULL="false"/>\n</FIELDS>\n'
        b'<KEYS>\n<KEY NAME="primary" TYPE="primary" FIELDS="id"/>\n</KEYS>\n'
        b'<INDEXES>\n<INDEX NAME="title" UNIQUE="false" FIELDS="title"/>\n</INDEXES>\n</TABLE>\n</TABLES>\n</XMLDB>\n'
    ),
    "amd/src/page.js": b"export const init = () => {};\n",
    "amd/build/page.min.js": b"define()",
    "amd/build/page.min.js.map": json.dumps({"sourcesContent": ["export const init = () => {};\n"]}).encode(),
    "yui/src/form/build.json": b'{"builds": {"moodle-local_demo-form": {"jsfiles": ["form.js"]}}}',
    "yui/src/form/js/form.js": b"var a = 1;\n",
    "yui/build/moodle-local_demo-form/moodle-local_demo-form.js": b"YUI.add(var a = 1;)",
    "yui/build/moodle-local_demo-form/moodle-local_demo-form-debug.js": b"YUI.add(\n  var a = 1;\n)",
    "yui/build/moodle-local_demo-form/moodle-local_demo-form-min.js": b"YUI.add(a=1)",
    "templates/page.mustache": b"{{#str}} pluginname, local_demo {{/str}}",
    "tests/behat/use.feature": b"@local @local_demo\nFeature: Use\n",
}


def check(files: dict[str, bytes], *more: Crafted, moodle: str = "4.5") -> Report:
    entries = [Crafted(f"demo/{name}", content) for name, content in files.items()]
    return check_bytes("demo.zip", crafted([*entries, *more]), site(moodle))


def found(report: Report, code: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.code == code]


def test_a_good_plugin_has_no_findings() -> None:
    report = check(GOOD)
    assert report.findings == []
    assert report.verdict == "pass"


SIXTH = ("savepoint", "warning", 6)
EARLIER = b"if ($oldversion < 2023010100) { upgrade_plugin_savepoint(true, 2023010100, 'local', 'demo'); } "
BROKEN = [
    ("version.php", b"[404, 405]", b"[404]", "badsupported", "error", 8),
    ("version.php", b"[404, 405]", b"'4.5'", "badsupported", "error", 8),
    ("version.php", b"[404, 405]", b"[306, 405]", "unknownbranch", "warning", 8),
    ("version.php", b"[404, 405]", b"[400, 404]", "notsupported", "warning", 8),
    ("version.php", b"supported = [404, 405]", b"incompatible = 405", "pluginincompatible", "error", 8),
    ("version.php", b"supported = [404, 405]", b"incompatible = '405'", "badincompatible", "error", 8),
    ("version.php", b"2022112800", b"'9022112800'", "upgraderequires", "error", 5),
    ("version.php", b"2022112800", b"'2022112800'", "quotedrequires", "warning", 5),
    ("version.php", b"2024010100", b"02024010100", "readsdifferently", "warning", 4),
    ("version.php", b"$plugin->version", b"if (1) $plugin->version", "readsdifferently", "warning", 4),
    ("version.php", b"$plugin->version", b"if (1) $plugin->version", "plugindefective", "error", 4),
    (
        "version.php",
        b"supported = [404, 405]",
        b"dependencies = ['mod_quiz' => 2099010100]",
        "dependencytooold",
        "error",
        8,
    ),
    ("version.php", b"supported = [404, 405]", b"dependencies = ['mod_nope' => ANY_VERSION]", "dependency", "info", 8),
    ("version.php", b"supported = [404, 405]", b"dependencies = 'mod_quiz'", "baddependencies", "error", 8),
    ("classes/observer.php", b"seen", b"other", "missingmethod", "error", 3),
    ("db/events.php", b"observer::", b"watcher::", "missingclass", "error", 3),
    ("db/hooks.php", b"observer::class", b"watcher::class", "missingclass", "error", 2),
    ("db/tasks.php", b"tidy", b"sweep", "missingclass", "error", 2),
    ("db/services.php", b"external\\list_all", b"external\\none", "missingclass", "error", 2),
    ("db/services.php", b"'local_demo_list_all' =>", b"'demo_list_all' =>", "functionname", "error", 2),
    ("db/services.php", b"['local_demo_list_all',", b"['local_demo_none',", "missingfunction", "error", 3),
    ("db/services.php", b"'classname'", b"'classpath' => 'local/demo/lib.php', 'classname'", "missingfile", "error", 2),
    ("db/events.php", b"'callback'", b"'includefile' => '/local/demo/x.php', 'callback'", "missingfile", "error", 3),
    ("db/events.php", b"core\\event\\user", b"local_demo\\event\\no", "missingclass", "error", 2),
    ("db/events.php", b"\\local_demo\\observer::seen", b"local_demo_seen", "missingfunction", "error", 3),
    ("db/events.php", b"\\local_demo\\observer::seen", b"xmldb_local_demo_upgrade", None, None, None),
    ("db/hooks.php", b"'x'", b"local_demo\\hook\\no::class", "missingclass", "error", 2),
    (
        "db/services.php",
        b"'classname'",
        b"'capabilities' => 'a/b:c,local/demo:no', 'classname'",
        "missingcapability",
        "warning",
        2,
    ),
    ("db/services.php", b"'classname'", b"'capabilities' => 'local/demo:use', 'classname'", None, None, None),
    ("db/messages.php", b"demo:use", b"demo:no", "missingcapability", "warning", 2),
    ("db/access.php", b"local/demo:use", b"local/demon:use", "capabilityname", "warning", 2),
    ("db/access.php", b"'captype' => 'read', ", b"", "capabilitykey", "error", 2),
    ("db/access.php", b"demo:use", b"demo:abuse", "undefinedstring", "warning", None),
    ("classes/task/tidy.php", b"'pluginname'", b"'nosuch'", "undefinedstring", "warning", 4),
    ("templates/page.mustache", b"pluginname", b"nosuch", "undefinedstring", "warning", 1),
    ("lang/en/local_demo.php", b"pluginname", b"name", "requiredstring", "warning", None),
    ("db/upgrade.php", b"xmldb_local_demo", b"xmldb_demo", "requiredfunction", "error", None),
    ("db/upgrade.php", b"true, 2024010100", b"true, 2023010100", "savepoint", "warning", 3),
    ("db/upgrade.php", b"'local', 'demo'", b"'local', 'other'", "savepoint", "warning", 4),
    ("db/upgrade.php", b"< 2024010100", b"< 2025010100", "savepoint", "warning", 3),
    (
        "db/upgrade.php",
        b"upgrade_plugin_savepoint(true, 2024010100, 'local',",
        b"upgrade_mod_savepoint($result, 2024010100,",
        "savepoint",
        "warning",
        4,
    ),
    ("db/upgrade.php", b"(true, ", b"($result, ", "savepoint", "warning", 4),
    ("db/upgrade.php", b"return", b"upgrade_plugin_savepoint(true, 2024010100, 'local', 'demo'); return", *SIXTH),
    ("db/upgrade.php", b"return", b"upgrade_plugin_savepoint(true, 2023010100, 'local', 'demo'); return", *SIXTH),
    ("db/upgrade.php", b"return", EARLIER + b"return", *SIXTH),
    ("db/upgrade.php", b" return", b"}\nfunction xmldb_old_upgrade() {", "savepoint", "warning", 7),
    ("classes/task/tidy.php", b"echo", b"// get_string('nosuch', 'local_demo')\n echo", None, None, None),
    ("classes/task/tidy.php", b"echo", b"/* get_string('nosuch', 'local_demo') */ echo", None, None, None),
    ("templates/page.mustache", b"{{#str}}", b"{{! {{#str}} nosuch, local_demo {{/str}} }}{{#str}}", None, None, None),
    ("amd/src/page.js", b"{}", b"{ getString('nosuch', 'local_demo'); }", "undefinedstring", "warning", 1),
    ("db/install.xml", b'TYPE="char" LENGTH="255"', b'TYPE="datetime"', None, None, None),
    ("db/install.xml", b'NAME="local_demo"', b'NAME="other"', "tableprefix", "warning", 4),
    ("db/install.xml", b'NAME="local_demo"', b'NAME="Local_demo"', "xmldbname", "error", 4),
    ("db/install.xml", b'TYPE="int"', b'TYPE="integer"', "xmldbtype", "error", 6),
    ("db/install.xml", b'LENGTH="255"', b'LENGTH="2000"', "xmldblength", "error", 7),
    ("db/install.xml", b'NAME="title" TYPE="char"', b'NAME="select" TYPE="char"', "xmldbreserved", "warning", 7),
    ("db/install.xml", b'NOTNULL="false"', b'NOTNULL="no"', "xmldbswitch", "error", 7),
    ("db/install.xml", b'UNIQUE="false"', b'UNIQUE="0"', "xmldbswitch", "error", 4),
    ("db/install.xml", b'TYPE="char"', b'TYPE="char" DECIMALS="2"', "xmldbdecimals", "error", 7),
    (
        "db/install.xml",
        b'TYPE="char" LENGTH="255"',
        b'TYPE="number" LENGTH="9" DECIMALS="10"',
        "xmldbdecimals",
        "error",
        7,
    ),
    ("db/install.xml", b'TYPE="char" LENGTH="255"', b'TYPE="number" LENGTH="9" DECIMALS="9"', None, None, None),
    ("db/install.xml", b'FIELDS="title"', b'FIELDS="name"', "xmldbkey", "error", 4),
    ("db/install.xml", b'TYPE="primary"', b'TYPE="unique"', "xmldbprimary", "error", 4),
    ("db/install.xml", b"</TABLES>", b"", "installxml", "error", 17),
    ("db/install.xml", b"<XMLDB", b'<!DOCTYPE x [<!ENTITY a "b">]>\n<XMLDB', "installxml", "error", None),
    ("amd/src/page.js", b"{}", b"{ return; }", "jsstale", "warning", None),
    ("yui/src/form/js/form.js", b"1", b"2", "jsstale", "warning", None),
    ("yui/src/form/build.json", b"form.js", b"other.js", "yuibuild", "warning", None),
    ("tests/behat/use.feature", b"@local_demo", b"@demo", "featuretag", "warning", 1),
    ("classes/observer.php", b"seen($e)", b"seen(int $e = null)", None, None, None),
]


@pytest.mark.parametrize(("file", "old", "new", "code", "level", "line"), BROKEN)
def test_one_thing_broken(
    file: str, old: bytes, new: bytes, code: str | None, level: str | None, line: int | None
) -> None:
    assert old in GOOD[file]
    report = check({**GOOD, file: GOOD[file].replace(old, new, 1)})
    if code is None:
        assert report.findings == []
        return
    findings = found(report, code)
    assert findings, report.findings
    assert findings[0].level == level
    assert findings[0].line == line
    assert findings[0].mend


@pytest.mark.parametrize(
    ("gone", "code"),
    [
        ("amd/build/page.min.js", "jsnotbuilt"),
        ("amd/src/page.js", "jsorphan"),
        ("yui/build/moodle-local_demo-form/moodle-local_demo-form-min.js", "jsnotbuilt"),
    ],
)
def test_a_file_gone(gone: str, code: str) -> None:
    assert found(check({name: content for name, content in GOOD.items() if name != gone}), code)


@pytest.mark.parametrize(
    ("entry", "code", "level"),
    [
        (Crafted("demo/.git/config"), "leftover", "warning"),
        (Crafted("__MACOSX/demo/._version.php"), "leftover", "warning"),
        (Crafted("demo/node_modules/x/index.js"), "leftover", "warning"),
        (Crafted("demo/lib.php.orig"), "leftover", "warning"),
        (Crafted("demo/link", b"/etc/passwd", made_by=UNIX, mode=0o120777), "symlink", "error"),
        (Crafted("demo/a/link", b"../../x", made_by=UNIX, mode=0o120777), "symlink", "error"),
        (Crafted("demo/a/link", b"../lib.php", made_by=UNIX, mode=0o120777), "symlink", "warning"),
        (Crafted("demo/../../x"), "outsidename", "error"),
        (Crafted("/demo/x"), "outsidename", "error"),
        (Crafted("demo/secret", flags=1), "encrypted", "error"),
        (Crafted("demo/version.php", b"<?php"), "duplicate", "warning"),
        (Crafted("demo/Version.php", b"<?php"), "capitals", "warning"),
        (Crafted("demo/empty/", b""), "emptyfolder", "warning"),
    ],
)
def test_one_entry_too_many(entry: Crafted, code: str, level: str) -> None:
    findings = found(check(GOOD, entry), code)
    assert [finding.level for finding in findings] == [level]


def test_the_roots_name() -> None:
    data = crafted([Crafted(f"demo-main/{name}", content) for name, content in GOOD.items()])
    assert [each.code for each in check_bytes("x.zip", data, site("4.5")).findings] == ["rootname"]


def test_a_syntax_error_is_found_with_and_without_php(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {**GOOD, "lib.php": b"<?php\n\n$a = ;\n"}
    need("php", package="php-cli")
    (finding,) = found(check(broken), "phpsyntax")
    assert (finding.file, finding.line) == ("lib.php", 3)
    monkeypatch.setattr("plugin_builder.check.php_binaries.binaries", list)
    (finding,) = found(check(broken), "phpsyntax")
    assert (finding.file, finding.line) == ("lib.php", 3)


@pytest.mark.parametrize(
    ("code", "supported", "expected", "level"),
    [
        (b"enum A {}", b"[400, 401]", "phptoonew", "warning"),
        (b"enum A {}", b"[39, 310]", "phptoonew", "error"),
        (b"enum A {}", b"[404, 405]", None, None),
        (b"function f(stdClass $a = null) {}", b"[404, 405]", None, None),
        (b"function f(stdClass $a = null) {}", b"[405, 501]", "phpdeprecated", "warning"),
        (b'$b = "${a}";', b"[404, 405]", "phpdeprecated", "warning"),
    ],
)
def test_the_phps_of_the_supported_releases(
    code: bytes, supported: bytes, expected: str | None, level: str | None
) -> None:
    version = GOOD["version.php"].replace(b"[404, 405]", supported).replace(b"2022112800", b"2018120300")
    report = check({**GOOD, "version.php": version, "lib.php": b"<?php\n" + code})
    findings = [finding for finding in report.findings if finding.file == "lib.php"]
    assert [(finding.code, finding.level) for finding in findings] == ([(expected, level)] if expected else [])


def test_a_range_begins_where_requires_says() -> None:
    version = GOOD["version.php"].replace(b"[404, 405]", b"[404, 503]").replace(b"2022112800", b"2026042000")
    report = check({**GOOD, "version.php": version, "lib.php": b"<?php class A { const string B = 'c'; }"})
    assert found(report, "phptoonew") == []


@pytest.mark.parametrize("name", ["vendor/x/y.php", "lib/pdf/y.php"])
def test_libraries_of_others_are_left_alone(name: str) -> None:
    listed = b"<libraries><library><location>lib/pdf</location></library></libraries>"
    assert check({**GOOD, "thirdpartylibs.xml": listed, name: b"<?php $a = ;"}).findings == []


def test_a_subplugins_savepoints_are_its_own() -> None:
    folder = "sub/inner"
    version = VERSION.replace(b"local_demo", b"demosub_inner")
    upgrade = GOOD["db/upgrade.php"].replace(b"'local', 'demo'", b"'demosub', 'inner'")
    inside = {f"{folder}/version.php": version, f"{folder}/db/upgrade.php": upgrade}
    assert check({**GOOD, **inside}).findings == []
    inside[f"{folder}/db/upgrade.php"] = GOOD["db/upgrade.php"]
    assert [finding.file for finding in found(check({**GOOD, **inside}), "savepoint")] == [f"{folder}/db/upgrade.php"]


def plugin_of(kind: str, string: str, files: dict[str, str]) -> dict[str, bytes]:
    name = "demo" if kind == "mod" else f"{kind}_demo"
    version = VERSION.replace(b"local_demo", f"{kind}_demo".encode())
    language = f"<?php\n$string['{string}'] = 'x';".encode()
    more = {file: f"<?php\n{code}".encode() for file, code in files.items()}
    return {"version.php": version, f"lang/en/{name}.php": language, "README.md": b"", **more}


NEW_FILTER = {"classes/text_filter.php": "namespace filter_demo;\nclass text_filter {}"}
INSTALL = "<XMLDB><TABLES><TABLE NAME='demo_more'></TABLE></TABLES></XMLDB>"


@pytest.mark.parametrize(
    ("kind", "string", "files", "codes"),
    [
        ("filter", "filtername", NEW_FILTER, set()),
        ("filter", "filtername", {**NEW_FILTER, "filter.php": "class_alias('x', 'y');"}, set()),
        ("filter", "filtername", {**NEW_FILTER, "filter.php": "class filter_demo {}"}, {"requiredcall"}),
        ("filter", "filtername", {"classes/text_filter.php": "class text_filter {}"}, {"requiredclass"}),
        ("filter", "pluginname", NEW_FILTER, {"requiredstring"}),
        ("filter", "filtername", {}, {"requiredfile"}),
        ("auth", "pluginname", {"auth.php": "class auth_plugin_demo {}"}, set()),
        ("auth", "pluginname", {"auth.php": "class auth_demo {}"}, {"requiredclass"}),
        ("block", "pluginname", {"block_demo.php": "class block_demo {}", "db/access.php": ""}, set()),
        ("block", "pluginname", {"block_demo.php": "class demo {}", "db/access.php": ""}, {"requiredclass"}),
        ("format", "pluginname", {"format.php": ""}, set()),
        ("format", "pluginname", {"format.php": "", "renderer.php": ""}, {"requiredclass"}),
        ("dataformat", "dataformat", {}, set()),
        ("theme", "pluginname", {}, {"requiredfile"}),
        ("mod", "modulename", {}, {"requiredfile", "requiredstring"}),
        ("report", "pluginname", {}, set()),
    ],
)
def test_what_a_type_asks_for(kind: str, string: str, files: dict[str, str], codes: set[str]) -> None:
    assert {finding.code for finding in check(plugin_of(kind, string, files)).findings} == codes


def test_an_older_moodle_wants_the_filter_where_it_was() -> None:
    files = {"filter.php": "class filter_demo {}"}
    assert check(plugin_of("filter", "filtername", files), moodle="4.4").findings == []
    assert found(check(plugin_of("filter", "filtername", {"filter.php": ""}), moodle="4.4"), "requiredclass")


def test_an_activity_has_a_table_of_its_name() -> None:
    files = {**plugin_of("mod", "modulename", {}), "db/install.xml": INSTALL.encode()}
    assert found(check(files), "requiredtable")
    files["db/install.xml"] = files["db/install.xml"].replace(b"demo_more", b"demo")
    assert found(check(files), "requiredtable") == []


def test_a_refusal_is_explained_and_does_not_hide_the_rest() -> None:
    files = {**GOOD, "lib.php": b"<?php enum"}
    del files["lang/en/local_demo.php"]
    report = check(files)
    assert report.validation.code == "missinglangenfolder"
    assert report.findings[0].code == "missinglangenfolder"
    assert found(report, "phpsyntax")


ODD = [
    ("version.php", b"2022112800", b". . 1.2.3"),
    ("version.php", b"'local_demo'", b"'local_demo'; $plugin->component = 5"),
    ("db/upgrade.php", b"2024010100", b"1.2.3_4"),
    ("version.php", b"local_demo", b"local_(demo"),
    ("db/install.xml", b'LENGTH="255"', 'LENGTH="²"'.encode()),
    ("db/services.php", b"'classname'", b"5 => [1e999 => 2], 'classname'"),
    ("amd/build/page.min.js.map", b"{", b'{"sourcesContent": 5, "x":{'),
    ("yui/src/form/build.json", b'["form.js"]', b"7"),
    ("lang/en/local_demo.php", b"'Demo'", b'"\\u{D800}\\u{FFFFFFFF}"'),
]


@pytest.mark.parametrize(("file", "old", "new"), ODD)
def test_no_rule_stumbles_over_oddities(file: str, old: bytes, new: bytes) -> None:
    assert old in GOOD[file]
    report = check({**GOOD, file: GOOD[file].replace(old, new)})
    assert found(report, "rulefailed") == []
    json.dumps(report.as_dict(), ensure_ascii=False).encode()


def test_a_rule_that_fails_says_so_and_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> list[Finding]:
        raise KeyError("unforeseen")

    monkeypatch.setattr("plugin_builder.check.rules.RULES", (broken, *RULES))
    codes = [finding.code for finding in check(GOOD, Crafted("demo/.git/config")).findings]
    assert codes == ["rulefailed", "leftover"]
