"""`cnntrain` and `python -m cnntrain`."""

from cnntrain.cli.main import main

if __name__ == "__main__":
    main()
