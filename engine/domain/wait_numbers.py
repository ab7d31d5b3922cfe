"""Numbers of what rests in a case. The kernel counts from one; what the services open beside it has ranges of its own,
so that every number names one thing and a public key needs no kind."""

BY_HAND = 2 * 10**15
"""Deadlines that a person armed, counted from here."""
EXPIRY = 3 * 10**15
"""The task that confirms the expiry of deadline n is ``EXPIRY + n``."""


def is_by_hand(wait: int) -> bool:
    return BY_HAND <= wait < EXPIRY


def expiry_task_of(deadline: int) -> int:
    return EXPIRY + deadline


def deadline_of(task: int) -> int | None:
    """The deadline whose expiry a task confirms; None for a task of a diagram."""
    return task - EXPIRY if task >= EXPIRY else None
