"""Who may come in: invites, devices, sign-in, sessions, tokens, and what guards every page."""
