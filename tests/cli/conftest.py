"""The server that `cnntrain fetch` is tried with."""

from data_server import mnist, mnist_files, offer, server  # noqa: F401
