"""Training our own small models on clips that Ceteris renders: draw, data, fit, measurements, card."""
