"""The code of the probes, a file each; loaded when a probe measures, so that specs stay light."""
