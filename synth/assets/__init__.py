"""Assets that are no part of the repository: what there is, where it comes from, and how it gets into the assets root.

`python -m synth.assets fetch | list | verify | add`. What may be downloaded is data in `assets_manifest/`.
"""
