"""What the rendered files say, compared with what the contract says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

from contract import access, entry, webservice
from contract.titles import Title
from plugin_builder.config import Plugin
from plugin_builder.render import render
from plugin_builder.targets import TARGETS, Target
from tests.programs import need

_PARSE_ALL = """
$bad = 0;
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($argv[1])) as $file) {
    if (substr($file, -4) !== '.php') { continue; }
    try { token_get_all(file_get_contents($file), TOKEN_PARSE); }
    catch (ParseError $e) { $bad++; echo "$file:", $e->getLine(), ': ', $e->getMessage(), PHP_EOL; }
}
exit($bad ? 1 : 0);
"""


def test_the_table_is_the_contracts(files: dict[str, str]) -> None:
    table = ElementTree.fromstring(files["db/install.xml"]).find("./TABLES/TABLE")  # noqa: S314 -- our own file
    assert table is not None
    assert table.get("NAME") == entry.TABLE
    columns = [(field.get("NAME"), field.get("TYPE"), field.get("NOTNULL")) for field in table.iter("FIELD")]
    assert columns == [(column.name, column.type, str(column.not_null).lower()) for column in entry.COLUMNS]
    assert [index.get("NAME") for index in table.iter("INDEX")] == [index.name for index in entry.INDEXES]


def test_each_function_has_a_class_that_asks_for_the_capability(files: dict[str, str]) -> None:
    services = files["db/services.php"]
    for function in webservice.FUNCTIONS:
        assert f"'{function.full_name()}' => [" in services
        text = files[f"classes/external/{function.name}.php"]
        assert "self::require_access();" in text
        for name in function.parameters:
            assert f"'{name}' => new external_" in text
    assert f"'restrictedusers' => {int(webservice.SERVICE_RESTRICTED_USERS)}," in services


def test_each_capability_is_declared(files: dict[str, str]) -> None:
    declared = re.findall(r"^    '(availability/examus:\w+)' => \[", files["db/access.php"], re.MULTILINE)
    assert declared == [capability.full_name() for capability in access.CAPABILITIES]


def test_each_page_has_its_address_before_it_asks_who_comes(files: dict[str, str]) -> None:
    pages = [text for name, text in files.items() if "/" not in name and "require_login(" in text]
    assert len(pages) >= 5
    for text in pages:
        assert 0 < text.find("$PAGE->set_url(") < text.find("require_login(")


def test_no_name_of_v08_is_misspelt_any_more(files: dict[str, str]) -> None:
    misspelt = re.compile("avalib|availib", re.IGNORECASE)
    assert [name for name, text in files.items() if misspelt.search(text) and not name.startswith("tests/")] == []


def test_pages_of_others_ask_for_no_capability_of_ours(files: dict[str, str]) -> None:
    on_every_page = r"function availability_examus_(extend_navigation|before_footer|before_http_headers)\("
    assert not re.search(on_every_page, files["lib.php"])


def test_no_savepoint_lies_beyond_the_version(files: dict[str, str]) -> None:
    points = [int(point) for point in re.findall(r"savepoint\(true, (\d+)", files["db/upgrade.php"])]
    assert points == sorted(points)
    assert points[-1] <= Plugin().version


def test_every_observed_method_exists(files: dict[str, str]) -> None:
    for method in re.findall(r"observer::(\w+)'", files["db/events.php"]):
        assert f"public static function {method}(" in files["classes/observer.php"], method


def test_hooks_are_declared_where_moodle_has_them(files: dict[str, str], target: Target) -> None:
    callback = "function availability_examus_before_standard_top_of_body_html"
    assert ("db/hooks.php" in files) is target.hooks
    assert (callback in files["lib.php"]) is not target.hooks


def test_built_scripts_hold_their_sources(files: dict[str, str]) -> None:
    form = "yui/build/moodle-availability_examus-form/moodle-availability_examus-form"
    source = files["yui/src/form/js/form.js"]
    assert source.strip() in files[f"{form}.js"]
    assert files[f"{form}-debug.js"] == files[f"{form}.js"]
    assert _words(files[f"{form}-min.js"]) == _words(files[f"{form}.js"])
    assert _words(files["amd/build/guard.min.js"]) == _words(files["amd/src/guard.js"])


def test_minified_scripts_are_small_and_without_comments(files: dict[str, str]) -> None:
    for name in files:
        if name.endswith(("-min.js", ".min.js")):
            source = name.replace("amd/build/", "amd/src/").replace(".min.js", ".js").replace("-min.js", ".js")
            assert len(files[name]) < 0.7 * len(files[source]), name
            assert "/*" not in files[name], name


def test_every_script_parses(tmp_path: Path) -> None:
    node = need("node", package="nodejs")
    for target in TARGETS:
        for name, content in render(Plugin(), target).items():
            if name.endswith(".js"):
                (tmp_path / f"{target.name}-{name.replace('/', '-')}").write_bytes(content)
    parse = (
        "const fs = require('fs'); for (const f of fs.readdirSync('.')) new (require('vm').Script)(fs.readFileSync(f))"
    )
    done = subprocess.run([node, "-e", parse], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def _words(script: str) -> list[str]:
    """The names, numbers and signs of a script, comments left out."""
    return re.findall(r"\w+|[^\w\s]", re.sub(r"/\*.*?\*/|\s//[^\n]*", "", script, flags=re.DOTALL))


def test_every_file_parses(tmp_path: Path) -> None:
    php = need("php", package="php-cli")
    for target in TARGETS:
        for name, content in render(Plugin(), target).items():
            path = tmp_path / target.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    done = subprocess.run([php, "-r", _PARSE_ALL, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_no_file_calls_what_its_range_does_not_have(files: dict[str, str], target: Target) -> None:
    text = "\n".join(content for name, content in files.items() if name.endswith(".php"))
    assert ("core_external\\" in text) is target.namespaced_external
    assert ("libdir . '/externallib.php" in text) is not target.namespaced_external
    assert ("mod_quiz\\quiz_attempt" in text) is target.namespaced_quiz
    assert ("get_all_user_name_fields" in text) is not target.user_fields


def test_no_secret_comes_from_what_can_be_guessed(files: dict[str, str]) -> None:
    """v0.8's codes were made of the time; the shape of a code does not tell where it comes from."""
    guessable = re.compile(r"\b(md5|sha1|crc32|uniqid|rand|mt_rand|lcg_value|random_string|generate_password)\(")
    for name, text in files.items():
        if name.endswith(".php") and not name.startswith("tests/"):
            assert not guessable.search(text), name
    assert "'accesscode' => bin2hex(random_bytes(16))" in files["classes/local/entries.php"]


def test_nothing_is_left_from_debugging(files: dict[str, str]) -> None:
    left = re.compile(r"console\.\w+\(|\b(set_debug|var_dump|var_export|print_r|error_log)\(|\bdebugger;")
    for name, text in files.items():
        found = {match[0] for match in left.finditer(text)}
        assert found <= ({"set_debug("} if name.startswith("tests/") else set()), name  # tests count statements by it


def test_no_file_calls_what_newer_moodles_have_dropped(files: dict[str, str]) -> None:
    """v0.8 did: its way to the log vanished with flat navigation, and each page of an administrator raised notices."""
    dropped = re.compile(r"\bflatnav\b|_render_navbar_output|_before_standard_html_head|\bprint_error\(|PARAM_ACTION")
    for name, text in files.items():
        assert not dropped.search(text), name
        if name.startswith("classes/"):
            assert "/mod/quiz/locallib.php" not in text, f"{name}: on every page that decodes a restriction"


def test_files_end_once_and_carry_no_loose_blanks(files: dict[str, str]) -> None:
    for name, text in files.items():
        assert text.endswith("\n"), name
        assert not text.endswith("\n\n"), name
        assert not re.search(r"[ \t]+$", text, re.MULTILINE), name
        assert "\n\n\n" not in text, name


def test_lines_are_no_longer_than_moodles_code_style_allows(files: dict[str, str]) -> None:
    for name, text in files.items():
        if name.endswith(".php") and not name.startswith("lang/"):
            assert max(map(len, text.splitlines())) <= 132, name


def test_only_files_that_act_when_included_ask_whether_moodle_includes_them(files: dict[str, str]) -> None:
    passive = re.compile(r"<\?php|namespace |use |(?:abstract |final )?class |trait |function |defined\(|[ }/*]|$")
    page = re.compile(r"^require(_once)?\(__DIR__ .*/config\.php'\);$", re.MULTILINE)
    for name, text in files.items():
        if name.endswith(".php") and not name.startswith("tests/") and not page.search(text):
            acts = not all(passive.match(line) for line in text.splitlines())
            assert ("defined('MOODLE_INTERNAL') || die();" in text) is acts, name


def test_a_white_label_build_bears_its_own_name_everywhere() -> None:
    plugin = Plugin(name="watchful", vendor=Title("Watchful", "Зоркий"))
    for target in TARGETS:
        for name, content in render(plugin, target).items():
            assert "examus" not in (name + content.decode()).lower(), name
