"""The one error type that a user sees, and what the system says of a failure."""


class InputError(Exception):
    """What was given cannot be used; the message is one line that says what would be right."""


def reason_of(error: OSError) -> str:
    """Why the system did not do it, in its own words, such as ``permission denied``."""
    return (error.strerror or str(error)).lower()
