"""When each word of a text is said, found by comparison with espeak-ng's reading of it."""
