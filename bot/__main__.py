"""`python -m bot` is `ftcost`."""

from bot.cli.group import main

if __name__ == "__main__":
    main(prog_name="ftcost")
