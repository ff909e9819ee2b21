"""The version of this package, as files and messages name it."""

__version__ = "0.1.0"
