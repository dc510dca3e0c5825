"""The one door through which files are written; a StorageError names the file that cannot be."""
