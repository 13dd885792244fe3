"""Reports of clips: somebody else, or something nobody else should know, is heard; a reviewer decides."""
