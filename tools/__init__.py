"""What the people who keep this repository run now and then; no user needs it."""
