"""The base class of every error that a person may meet and can mend.

Whoever talks to people (the command line, the checkup) catches this one class and shows the message as it is;
anything else is a fault of ours and keeps its trace. `audio` imports nothing of ours: its own are in `audio/errors.py`.
"""


class UserError(Exception):
    """What was asked for can't be done as asked; the message says the rule, what was given and the mend."""
