"""Setting a campaign up by hand: its beginning, its questions from a pasted text, its companies one by one."""
