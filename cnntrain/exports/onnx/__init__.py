"""ONNX: one file that many runtimes take."""
