"""Reports of clips: anybody who hears one hides it, a reviewer listens and decides."""
