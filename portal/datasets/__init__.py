"""Dataset versions for those who train on them: what each holds, how it sounds, how to load it, when the next comes."""
