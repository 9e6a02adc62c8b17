"""The torture run: everything at once, for as long as one likes, by a seed. See __main__.py."""
