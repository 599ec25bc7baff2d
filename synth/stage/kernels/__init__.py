"""The Warp kernels of the stage's renderer; imported only once a renderer is made."""
