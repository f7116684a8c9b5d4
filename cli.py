"""Run the command line from a checkout: ``python cli.py measure FILE``."""

from balance.cli import main

main()
