"""The front door: command line, settings, the demo."""
