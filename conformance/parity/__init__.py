"""Is the same model behind both endpoints? Plans that say what to ask next, and judges of what came back.

Pure: no socket, clock, file or chance but a seed that is passed in. numpy, scipy and statsmodels
come with the extra `parity` and are imported by this room alone.
"""
