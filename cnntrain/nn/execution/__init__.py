"""How a batch is computed: chunks, worker threads, scratch memory."""
