"""Items: every file, clip, speaker and text of a project, found, listed and shown one by one to its managers."""
