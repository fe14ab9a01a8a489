"""`python -m proctor_engine` is `proctor-engine`."""

from proctor_engine.cli import main

main(prog_name="proctor-engine")
