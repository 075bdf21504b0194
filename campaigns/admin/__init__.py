"""The researchers' door to campaigns, a noun each."""

from . import approach, campaign, event, question, small

__all__ = ["approach", "campaign", "event", "question", "small"]
