"""The researchers' door to what came back: logging it, reviewing it, publishing it."""

from . import log, parts, response

__all__ = ["log", "parts", "response"]
