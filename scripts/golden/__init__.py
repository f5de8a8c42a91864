"""The cases of the golden files, a module each."""
