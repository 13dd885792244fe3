"""A recogniser that somebody brings: a CTC model as ONNX with its vocabulary, to write down, check and align speech."""
