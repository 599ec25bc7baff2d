"""Training our own small models on clips that Ceteris renders: the draw, the data, the fit, the measurements, the card."""
