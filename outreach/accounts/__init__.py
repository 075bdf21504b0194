"""Accounts of staff: invited by mail, signed in, throttled, and given up with their work handed on."""
