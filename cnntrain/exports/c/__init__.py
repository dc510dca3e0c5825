"""A trained network as C99 to read: no dependencies, no malloc."""
