"""The audit of a data set before training: what it holds, and what to look at in it."""

from cnntrain.data.audit.audit import Audit, audit
from cnntrain.data.audit.findings import Finding
from cnntrain.data.audit.sample import Sample

__all__ = ["Audit", "Finding", "Sample", "audit"]
