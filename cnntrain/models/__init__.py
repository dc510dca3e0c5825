"""Trained networks: loading, predicting, evaluating."""
