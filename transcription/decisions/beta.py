"""The Beta distribution of a share, from whole counts: exact sums, without a library for special functions."""

from math import comb

STEPS = 53  # each halves the interval: then it is as narrow as a float can say


def beta_cdf(a: int, b: int, share: float) -> float:
    """How likely a Beta(a, b) share is at most `share`.

    a, b:  1 or more, whole: then it is the chance of `a` or more successes in a + b - 1 throws (DLMF 8.17.5)
    share: 0..1

    >>> beta_cdf(4, 1, 0.5)
    0.0625
    """
    throws = a + b - 1
    return sum(
        comb(throws, hits) * share**hits * (1 - share) ** (throws - hits) for hits in range(a, throws + 1)
    )


def beta_quantile(a: int, b: int, level: float) -> float:
    """The share under which a Beta(a, b) share lies with a chance of `level`.

    >>> beta_quantile(4, 1, 0.0625)
    0.5
    """
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if beta_cdf(a, b, middle) < level:
            low = middle
        else:
            high = middle
    return high
