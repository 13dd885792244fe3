"""The errors that a user may meet and can mend: these are told in their own words, everything else with its trace."""


class UserError(Exception):
    """What was asked for can't be done as asked; the message says why and what to do."""


EXPECTED = frozenset(
    {
        "audio.errors.SandboxUnavailable",
        "boli.errors.UserError",
        "boli.settings.SettingsError",
        "catalog.config.configuration.ConfigurationError",
        "catalog.consent.NoConsent",
        "catalog.database.CatalogUnavailable",
        "catalog.reasons.UnknownReason",
        "catalog.reconciliation.balance.Unbalanced",
        "catalog.store.errors.StoreError",
        "flows.sources.SourceMissing",
        "flows.steps.sidecar.SidecarError",
        "flows.workspace.UnknownProject",
        "releases.erase.RedactionUnderWay",
        "releases.refusals.BrokenManifest",
        "releases.refusals.NoSuchVersion",
        "releases.refusals.NothingToPublish",
        "releases.refusals.PublishConflict",
        "releases.refusals.PullFailed",
        "releases.refusals.Refused",
        "transcription.context.NotAllowed",
        "transcription.people.HandleTaken",
    }
)
"""Classes by their full names: a command that fails need not load every room to know what happened to it."""


def is_expected(error: BaseException) -> bool:
    """Whether `error` is one of these, or a kind of one.

    >>> is_expected(UserError("there is no project 'x'")), is_expected(KeyError("x"))
    (True, False)
    """
    return any(f"{kind.__module__}.{kind.__qualname__}" in EXPECTED for kind in type(error).__mro__)
