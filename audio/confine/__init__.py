"""What a child that reads hostile files may still do, held by the kernel: a decoder taken over by a file is held too.

Four layers, each of which a kernel may lack: calls (`seccomp`), files (`landlock`), amounts (`resources`), and the
parent's own memory (`privileges`). `boli doctor` names the ones that are missing.
"""
