#!/usr/bin/env python3
"""Builds the plugin's ZIPs: `python build.py --help`."""

from plugin_builder.cli import main

if __name__ == "__main__":
    main()
