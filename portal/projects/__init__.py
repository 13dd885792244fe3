"""Making a project in the portal, and changing its settings."""
