"""The staff's pages for outgoing mail: look through, approve, undo, stop. GET changes nothing on any of them."""
