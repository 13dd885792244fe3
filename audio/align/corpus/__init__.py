"""An aligner that learns a language's sounds from the clips that it aligns: small hidden Markov models in numpy."""
