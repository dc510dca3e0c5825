"""A trained network in the forms that other programs run."""
