"""The errors that Python's torch raises, for golden files."""


def errors(calls):
    """What each of the calls, by name, says when it fails."""
    messages = {}
    for name, call in calls.items():
        try:
            call()
        except (RuntimeError, ValueError, TypeError, AssertionError, IndexError) as e:
            messages[name] = str(e)
        else:
            raise AssertionError(f"{name}: no error")
    return messages
