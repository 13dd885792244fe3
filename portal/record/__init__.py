"""The coordinator's screens: speakers, what they agreed to, recordings on their way, and what came of them."""
