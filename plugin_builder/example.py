"""The plugin.toml that `init` writes: every key, commented."""

from __future__ import annotations

from contract.condition import RULES, SCORING, WARNINGS, Mode
from contract.titles import LANGUAGES
from plugin_builder.config import FEATURES, MATURITIES, Plugin


def example() -> str:
    """Its text; what is commented out is the default."""
    plugin = Plugin()
    lines = [
        "# What python build.py --config plugin.toml builds. Every key may be left out: the values here are the",
        "# defaults, except where a line is commented out because there is none.",
        "",
        "[plugin]",
        "# The component becomes availability_<name>; tables, strings, capabilities and functions follow it.",
        f'name = "{plugin.name}"',
        "# A day and two digits. Raise it with every release.",
        f"version = {plugin.version}",
        f'release = "{plugin.release}"',
        f"# One of {', '.join(each.lower() for each in MATURITIES)}.",
        f'maturity = "{plugin.maturity.lower()}"',
        '# Plugin directories take English only: ["en"].',
        f"languages = [{', '.join(f'{language!r}' for language in plugin.languages)}]".replace("'", '"'),
        f'copyright = "{plugin.copyright}"',
        "",
        "# The name that people see, in each language.",
        "[vendor]",
        *(f'{language} = "{plugin.vendor.in_language(language)}"' for language in LANGUAGES),
        "",
        "# Where the proctoring engine is. Administrators can change both in the plugin's settings.",
        "[engine]",
        '# url = "https://proctoring.example"',
        "# Which sites may frame Moodle and speak to its pages.",
        '# allowed_origins = ["https://proctoring.example"]',
        "",
        "# What a new restriction starts from.",
        "[defaults]",
        f"# One of {', '.join(each.value for each in Mode)}.",
        f'mode = "{plugin.defaults.mode.value}"',
        "",
        "[defaults.rules]",
        *(f"{rule.key} = {str(rule.default).lower()}  # {rule.title.en}" for rule in RULES),
        "",
        "# Which warnings the student sees.",
        "[defaults.warnings]",
        *(f"{each.key} = {str(each.shown_by_default).lower()}  # {each.title.en}" for each in WARNINGS),
        "",
        "# Weights from 0 to 10, and the threshold from 0 to 100 they are held against.",
        "[defaults.scoring]",
        *(f"# {key.key} = {key.maximum // 2}  # {key.title.en}" for key in SCORING),
        "",
        "[features]",
        *(f"{name} = true  # {feature.title}" for name, feature in FEATURES.items()),
    ]
    return "\n".join(lines) + "\n"
