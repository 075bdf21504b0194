"""Campaign files, whole: the parts of each app put together, in one transaction, and taken apart again."""
