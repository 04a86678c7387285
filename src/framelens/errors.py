"""The one error type that a user sees."""


class InputError(Exception):
    """What was given cannot be used; the message is one line that says what would be right."""
