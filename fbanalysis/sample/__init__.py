"""The sample year of an invented company: raw exports with known numbers and planted effects.

Run ``python -m fbanalysis.sample`` to write them. Nothing else in the package imports this folder.
"""
