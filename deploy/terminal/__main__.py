"""`python -m deploy.terminal`: the same as `entente`."""

from deploy.terminal.app import main

if __name__ == "__main__":
    main()
