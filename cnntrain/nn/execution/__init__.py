"""The computation of a batch: chunks, worker threads, scratch memory."""
