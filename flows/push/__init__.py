"""Web Push: a notice from us to somebody's browser, by way of the service of the browser's maker."""
